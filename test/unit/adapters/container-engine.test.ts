import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { createContainerEngine } from '../../../src/adapters/container-engine.ts'
import type { ContainerEngine } from '../../../src/domain/ports.ts'
import { docker20, docker28, podman, type Recordings } from '../../fixtures/engines/recordings.ts'
import { FakeProcess } from '../../fakes/fake-process.ts'

const never = new AbortController().signal

function fixture(said: Recordings, file: string): Promise<string> {
  return readFile(new URL(`../../fixtures/engines/${said.folder}/${file}`, import.meta.url), 'utf8')
}

const all: [string, Recordings][] = [
  ['podman 4.3', podman],
  ['docker 20.10', docker20],
  ['docker 28', docker28],
]

describe.each(all)('%s', (_, said) => {
  const { name } = said
  /** An engine whose process answers each of these command lines. */
  function engine(...replies: [readonly string[], Parameters<FakeProcess['expect']>[1]][]): {
    engine: ContainerEngine
    processes: FakeProcess
  } {
    const processes = new FakeProcess()
    for (const [args, reply] of replies) processes.expect([name, ...args], reply)
    return { engine: createContainerEngine(name, { processes }), processes }
  }
  const list = (cluster: string): readonly string[] =>
    `ps --all --quiet --no-trunc --filter label=io.x-k8s.kind.cluster=${cluster}`.split(' ')
  const rm = ['rm', '--force', '--volumes', ...(name === 'podman' ? ['--time', '0'] : []), 'nope']

  describe('containers of a cluster', () => {
    it('are told with state, labels, volumes and ports in two calls', async () => {
      const { engine: it, processes } = engine(
        [list('play-ce'), { stdout: 'a\nb\n' }],
        [['inspect', '--type', 'container', 'a', 'b'], { stdout: await fixture(said, 'inspect.json') }],
      )
      const [node, worker] = await it.clusterContainers('play-ce', never)
      processes.done()
      expect(node).toMatchObject({
        name: 'play-ce-control-plane',
        state: 'running',
        image: 'localhost/ce-hello:1',
        labels: { 'io.x-k8s.kind.cluster': 'play-ce', 'io.x-k8s.kind.role': 'control-plane' },
        ports: [{ container: 6443, host: 36443, address: '127.0.0.1' }],
      })
      expect(node?.id).toMatch(/^[0-9a-f]{64}$/)
      const mounts = Object.fromEntries((node?.mounts ?? []).map((mount) => [mount.destination, mount]))
      expect(mounts['/var']?.volume).toMatch(/^[0-9a-f]{64}$/)
      expect(mounts['/kind/marker']).toEqual({ source: '/home/me/play/owner', destination: '/kind/marker' })
      expect(worker).toMatchObject({ name: 'play-ce-worker', state: 'created' })
      expect(node?.createdAt).toMatch(/^2026-10-30T0[79]:14:05\.123Z$/)
    })

    it('are none, in one call, when the list is empty', async () => {
      const { engine: it } = engine([list('play-ce'), { stdout: '' }])
      expect(await it.clusterContainers('play-ce', never)).toEqual([])
    })

    it('are listed anew when one goes in between', async () => {
      const { engine: it, processes } = engine(
        [list('play-ce'), { stdout: 'nope\n' }],
        [['inspect', '--type', 'container', 'nope'], said.noContainer.inspect],
        [list('play-ce'), { stdout: '' }],
      )
      expect(await it.clusterContainers('play-ce', never)).toEqual([])
      processes.done()
    })

    it('are never none because of an error', async () => {
      const failed = { exitCode: 125, stderr: 'Error: database is locked\n' }
      const { engine: it } = engine([list('play-ce'), failed])
      await expect(it.clusterContainers('play-ce', never)).rejects.toMatchObject({
        id: 'ENGINE_FAILED',
        details: ['Error: database is locked', 'exit code 125'],
      })
    })

    it('are not known when nobody answers', async () => {
      const { engine: it } = engine([list('play-ce'), said.down])
      await expect(it.clusterContainers('play-ce', never)).rejects.toMatchObject({ id: 'ENGINE_DOWN' })
    })

    it('are not known when the engine hangs or is gone', async () => {
      const { engine: it } = engine([list('one'), 'hangs'], [list('two'), 'missing'])
      await expect(it.clusterContainers('one', never)).rejects.toMatchObject({ id: 'ENGINE_DOWN' })
      await expect(it.clusterContainers('two', never)).rejects.toMatchObject({ id: 'ENGINE_MISSING' })
    })
  })

  it('names each kind cluster once', async () => {
    const template =
      name === 'docker' ? '{{.Label "io.x-k8s.kind.cluster"}}' : '{{index .Labels "io.x-k8s.kind.cluster"}}'
    const args = ['ps', '--all', '--filter', 'label=io.x-k8s.kind.cluster', '--format', template]
    const { engine: it } = engine([args, { stdout: 'play-b\nplay-a\nplay-b\n' }])
    expect(await it.clusterNames(never)).toEqual(['play-a', 'play-b'])
  })

  describe('removing a container', () => {
    it('is content when it is not there', async () => {
      const { engine: it, processes } = engine([rm, said.noContainer.rm])
      await it.removeContainer('nope', never)
      processes.done()
    })

    it('goes on while its removal is in progress', async () => {
      const busy = 'Error response from daemon: removal of container nope is already in progress\n'
      const { engine: it, processes } = engine([rm, { exitCode: 1, stderr: busy }], [rm, said.noContainer.rm])
      await it.removeContainer('nope', never)
      processes.done()
    })

    it('fails with the words of the engine', async () => {
      const { engine: it } = engine([rm, { exitCode: 1, stderr: 'Error: cannot unmount\n' }])
      await expect(it.removeContainer('nope', never)).rejects.toMatchObject({ id: 'ENGINE_FAILED' })
    })
  })

  it('fails to start a container that is not there', async () => {
    const { engine: it } = engine([['start', 'nope'], said.noContainer.start])
    await expect(it.startContainer('nope', never)).rejects.toMatchObject({ id: 'ENGINE_FAILED' })
  })

  describe('volumes', () => {
    const inspect = ['volume', 'inspect', '--format', '{{.Name}}', 'nope']

    it('are there or not', async () => {
      const { engine: it } = engine([inspect, { stdout: 'nope\n' }], [inspect, said.noVolume.inspect])
      expect(await it.volumeExists('nope', never)).toBe(true)
      expect(await it.volumeExists('nope', never)).toBe(false)
    })

    it('are not taken for another whose name begins alike, least of all to be removed', async () => {
      const { engine: it, processes } = engine([inspect, { stdout: 'nope-of-somebody\n' }])
      await it.removeVolume('nope', never)
      processes.done()
    })

    it('are removed, and one that goes by itself is fine', async () => {
      const { engine: it, processes } = engine(
        [inspect, { stdout: 'nope\n' }],
        [['volume', 'rm', 'nope'], said.noVolume.rm],
      )
      await it.removeVolume('nope', never)
      processes.done()
    })
  })

  describe('networks', () => {
    const users = ['ps', '--all', '--quiet', '--filter', 'network=nope']

    it('are there or not', async () => {
      const inspect = ['network', 'inspect', '--format', '{{.Name}}', 'nope']
      const { engine: it } = engine([inspect, { stdout: 'nope\n' }], [inspect, said.noNetwork.inspect])
      expect(await it.networkExists('nope', never)).toBe(true)
      expect(await it.networkExists('nope', never)).toBe(false)
    })

    it('stay while any container uses them, also a stopped one', async () => {
      const { engine: it, processes } = engine([users, { stdout: 'abc\n' }])
      expect(await it.removeNetwork('nope', never)).toBe(false)
      processes.done()
    })

    it('stay when a container comes in between', async () => {
      const { engine: it } = engine([users, {}], [['network', 'rm', 'nope'], said.networkInUse])
      expect(await it.removeNetwork('nope', never)).toBe(false)
    })

    it('are gone when they are not there', async () => {
      const { engine: it } = engine([users, {}], [['network', 'rm', 'nope'], said.noNetwork.rm])
      expect(await it.removeNetwork('nope', never)).toBe(true)
    })
  })

  describe('images', () => {
    const inspect = ['image', 'inspect', '--format', '{{.Id}}', 'nope']
    const load = ['load', '--quiet', '--input', import.meta.filename]

    it('are there or not', async () => {
      const { engine: it } = engine([inspect, { stdout: 'sha256:1\n' }], [inspect, said.noImage])
      expect(await it.imageExists('nope', never)).toBe(true)
      expect(await it.imageExists('nope', never)).toBe(false)
    })

    it('fail to load with the words of the engine', async () => {
      const { engine: it } = engine([load, said.notAnArchive])
      await expect(it.loadImage(import.meta.filename, never)).rejects.toMatchObject({
        id: 'ENGINE_FAILED',
        details: expect.arrayContaining([expect.stringContaining('unexpected EOF')]) as unknown,
      })
    })

    it('that find no room say so', async () => {
      const format = name === 'docker' ? '{{.DockerRootDir}}' : '{{.Store.GraphRoot}}'
      const full = { exitCode: 125, stderr: 'Error: writing blob: /usr/bin/x: no space left on device\n' }
      const { engine: it } = engine([load, full], [['info', '--format', format], { stdout: '/\n' }])
      await expect(it.loadImage(import.meta.filename, never)).rejects.toMatchObject({
        id: 'DISK_FULL',
        suggestions: [`${name} system prune --all`],
      })
    })
  })

  describe('a file in a container', () => {
    const cat = ['exec', 'nope', 'cat', '/x']

    it('is read as it is', async () => {
      const { engine: it } = engine([cat, { stdout: 'a\n\n' }], [cat, {}])
      expect(await it.readFile('nope', '/x', never)).toBe('a\n\n')
      expect(await it.readFile('nope', '/x', never)).toBe('')
    })

    it.each([
      ['the container is not there', said.noContainer.exec],
      ['the container is not running', said.notRunning],
      ['the file is not there', said.noFile],
    ])('is not there yet while %s', async (_why, reply) => {
      const { engine: it } = engine([cat, reply])
      expect(await it.readFile('nope', '/x', never)).toBeUndefined()
    })

    it('is an error when it cannot be read', async () => {
      const denied = { exitCode: 1, stderr: 'cat: /x: Permission denied\n' }
      const { engine: it } = engine([cat, said.noProgram], [cat, denied], [cat, said.down])
      await expect(it.readFile('nope', '/x', never)).rejects.toMatchObject({ id: 'ENGINE_FAILED' })
      await expect(it.readFile('nope', '/x', never)).rejects.toMatchObject({ id: 'ENGINE_FAILED' })
      await expect(it.readFile('nope', '/x', never)).rejects.toMatchObject({ id: 'ENGINE_DOWN' })
    })
  })

  describe('a command in a container', () => {
    it('answers with whatever exit code it has', async () => {
      const reply = { exitCode: 7, stdout: 'o', stderr: 'e' }
      const { engine: it } = engine([['exec', 'node', 'ctr', 'images'], reply])
      expect(await it.exec('node', ['ctr', 'images'], never)).toEqual(reply)
    })

    it('gets a file as its input', async () => {
      const { engine: it, processes } = engine([['exec', '--interactive', 'node', 'ctr', 'import', '-'], {}])
      await it.exec('node', ['ctr', 'import', '-'], never, '/images/a.tar')
      expect(processes.calls[0]?.options.inputFile).toBe('/images/a.tar')
    })

    it('fails when the engine could not run it', async () => {
      const args = ['exec', 'nope', 'true']
      const { engine: it } = engine([args, said.noContainer.exec], [args, said.notRunning])
      await expect(it.exec('nope', ['true'], never)).rejects.toMatchObject({ id: 'ENGINE_FAILED' })
      await expect(it.exec('nope', ['true'], never)).rejects.toMatchObject({ id: 'ENGINE_FAILED' })
    })
  })

  describe('its disk', () => {
    const args = ['info', '--format', name === 'docker' ? '{{.DockerRootDir}}' : '{{.Store.GraphRoot}}']

    it('is the one that holds its storage folder', async () => {
      const { engine: it } = engine([args, { stdout: '/\n' }])
      const { path, freeBytes } = await it.disk(never)
      expect(path).toBe('/')
      expect(freeBytes).toBeGreaterThan(0)
    })

    it('is not known when the engine runs in a virtual machine', async () => {
      const { engine: it } = engine([args, { stdout: '/var/lib/not-here\n' }])
      await expect(it.disk(never)).rejects.toMatchObject({
        id: 'ENGINE_FAILED',
        details: ['its folder /var/lib/not-here is not on this machine but in a virtual one'],
      })
    })
  })

  it('rejects with the reason of an abort', async () => {
    const reason = new Error('stop')
    const { engine: it } = engine()
    await expect(it.clusterNames(AbortSignal.abort(reason))).rejects.toBe(reason)
  })
})
