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

describe('which engine it is', () => {
  const podman = (podmanPlace = {}): Promise<string> =>
    createContainerEngine('podman', { processes: new FakeProcess(), podmanPlace }).identity(never)

  it('is what docker says, and is asked once', async () => {
    const processes = new FakeProcess().expect(['docker', 'info', '--format', '{{.ID}}'], {
      stdout: 'ABCD:EFGH\n',
    })
    const engine = createContainerEngine('docker', { processes })
    expect(await engine.identity(never)).toBe('ABCD:EFGH')
    expect(await engine.identity(never)).toBe('ABCD:EFGH')
  })

  it('is not known without a daemon, though docker 28 answers then', async () => {
    const processes = new FakeProcess().expect(['docker', 'info', '--format', '{{.ID}}'], { stdout: '\n' })
    const engine = createContainerEngine('docker', { processes })
    await expect(engine.identity(never)).rejects.toMatchObject({ id: 'ENGINE_DOWN' })
  })

  it('is known of podman without asking it, and differs for another connection or storage', async () => {
    const places = [{}, { connection: 'ssh://other' }, { storage: '/etc/other.conf' }]
    const identities = await Promise.all(places.map(podman))
    expect(new Set(identities).size).toBe(3)
    expect(await podman()).toBe(identities[0])
    expect(identities[0]).toMatch(/^[0-9a-f]{12}$/)
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
