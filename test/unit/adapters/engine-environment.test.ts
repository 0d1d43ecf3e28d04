import { describe, expect, it } from 'vitest'
import { createContainerEngine } from '../../../src/adapters/container-engine.ts'
import { FakeProcess } from '../../fakes/fake-process.ts'

const never = new AbortController().signal

describe('the environment for kind', () => {
  it('names podman, with the settings it needs', () => {
    const podmanEnvironment = { CONTAINERS_CONF: '/config/containers.conf' }
    const engine = createContainerEngine('podman', { processes: new FakeProcess(), podmanEnvironment })
    expect(engine.kindEnvironment).toEqual({
      KIND_EXPERIMENTAL_PROVIDER: 'podman',
      CONTAINERS_CONF: '/config/containers.conf',
    })
  })

  it('says nothing for docker, which kind finds by itself', () => {
    const podmanEnvironment = { CONTAINERS_CONF: '/config/containers.conf' }
    const engine = createContainerEngine('docker', { processes: new FakeProcess(), podmanEnvironment })
    expect(engine.kindEnvironment).toEqual({})
  })

  it('reaches podman in every call', async () => {
    const podmanEnvironment = { CONTAINERS_CONF: '/config/containers.conf' }
    const processes = new FakeProcess().allow(['podman', 'start', 'a'])
    await createContainerEngine('podman', { processes, podmanEnvironment }).startContainer('a', never)
    expect(processes.calls[0]?.options.env).toEqual(podmanEnvironment)
  })
})

describe('an engine that may not be used', () => {
  it('says how to be allowed', async () => {
    const words =
      'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock\n'
    const processes = new FakeProcess().allow(['docker', 'start', 'a'], { exitCode: 1, stderr: words })
    const start = createContainerEngine('docker', { processes }).startContainer('a', never)
    await expect(start).rejects.toMatchObject({
      id: 'ENGINE_DOWN',
      suggestions: [expect.stringContaining('usermod'), 'play doctor'],
    })
  })
})
