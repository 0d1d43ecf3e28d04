import { writeFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeWorld, realWorld, whyNot, type EngineWorld } from './engine-worlds.ts'

const never = new AbortController().signal

/** PLAY_TEST_ENGINE=podman or docker tries the real one too; Docker starts an engine of its own without DOCKER_HOST. */
const wanted = process.env['PLAY_TEST_ENGINE']
const real = wanted === 'podman' || wanted === 'docker' ? wanted : undefined
const reason = real === undefined ? undefined : await whyNot()
if (reason !== undefined) throw new Error(`PLAY_TEST_ENGINE=${String(real)}, but ${reason}`)

const worlds: [string, () => Promise<EngineWorld>][] = [
  ['fake', fakeWorld],
  ...(real === undefined ? [] : [[real, () => realWorld(real)] as [string, () => Promise<EngineWorld>]]),
]

describe.each(worlds)('the container engine (%s)', { timeout: 120_000 }, (_, make) => {
  let world: EngineWorld
  let cluster: string
  beforeAll(async () => {
    world = await make()
    cluster = `${world.prefix}-one`
  }, 300_000)
  afterAll(async () => {
    await world.dispose()
  }, 120_000)

  it('has room on its disk', async () => {
    expect((await world.engine.disk(never)).freeBytes).toBeGreaterThan(0)
  })

  it('tells the containers of one cluster, running and not, with their volumes and ports', async () => {
    const running = await world.addNode({ name: `${cluster}-control-plane`, cluster, running: true })
    await world.addNode({ name: `${cluster}-worker`, cluster, running: false })
    await world.addNode({ name: `${world.prefix}-other`, cluster: `${world.prefix}-two`, running: false })
    const containers = await world.engine.clusterContainers(cluster, never)
    expect(containers.map(({ name }) => name).sort()).toEqual([
      `${cluster}-control-plane`,
      `${cluster}-worker`,
    ])
    const node = containers.find(({ id }) => id === running)
    expect(node).toMatchObject({
      name: `${cluster}-control-plane`,
      state: 'running',
      image: world.image,
      labels: { 'io.x-k8s.kind.cluster': cluster },
      ports: [{ container: 6443, address: '127.0.0.1' }],
    })
    expect(node?.ports[0]?.host).toBeGreaterThan(0)
    const volume = node?.mounts.find(({ destination }) => destination === '/var')?.volume ?? ''
    expect(await world.engine.volumeExists(volume, never)).toBe(true)
    expect(containers.find(({ id }) => id !== running)?.state).toBe('created')
  })

  it('says when a container was made', async () => {
    const name = `${world.prefix}-age`
    await world.addNode({ name, cluster: name, running: false })
    const [container] = await world.engine.clusterContainers(name, never)
    expect(new Date(container?.createdAt ?? '').toISOString()).toBe(container?.createdAt)
  })

  it('says which engine it is, and always the same', async () => {
    const identity = await world.engine.identity(never)
    expect(identity).not.toBe('')
    expect(await world.engine.identity(never)).toBe(identity)
  })

  it('finds volumes by the label of a node, where kind gives them one', async () => {
    const labelled = `${world.prefix}-labelled`
    await world.addVolume(labelled, `${cluster}-worker2`)
    await world.addVolume(`${world.prefix}-near`, `${cluster}-worker2-control-plane`)
    const expected = world.engine.name === 'podman' ? [labelled] : []
    expect(await world.engine.clusterVolumes(cluster, never)).toEqual(expected)
    for (const name of [labelled, `${world.prefix}-near`]) await world.engine.removeVolume(name, never)
    expect(await world.engine.clusterVolumes(cluster, never)).toEqual([])
  })

  it('names the clusters it holds', async () => {
    const names = await world.engine.clusterNames(never)
    expect(names).toEqual(expect.arrayContaining([cluster, `${world.prefix}-two`]))
    expect(new Set(names).size).toBe(names.length)
  })

  it('starts a container that was not running; one that runs stays so', async () => {
    const id = await world.addNode({
      name: `${world.prefix}-start`,
      cluster: `${world.prefix}-start`,
      running: false,
    })
    await world.engine.startContainer(id, never)
    await world.engine.startContainer(id, never)
    const [container] = await world.engine.clusterContainers(`${world.prefix}-start`, never)
    expect(container?.state).toBe('running')
  })

  it('removes a container with its volume, also by name, and is content when it is gone', async () => {
    const name = `${world.prefix}-remove`
    const id = await world.addNode({ name, cluster: name, running: true })
    const [container] = await world.engine.clusterContainers(name, never)
    const volume = container?.mounts.find(({ destination }) => destination === '/var')?.volume ?? ''
    await world.engine.removeContainer(name, never)
    await world.engine.removeContainer(name, never)
    await world.engine.removeContainer(id, never)
    expect(await world.engine.clusterContainers(name, never)).toEqual([])
    expect(await world.engine.volumeExists(volume, never)).toBe(false)
  })

  it('removes exactly the volume that is named', async () => {
    await world.addVolume(`${world.prefix}-volume-long`)
    await world.engine.removeVolume(`${world.prefix}-volume`, never)
    expect(await world.engine.volumeExists(`${world.prefix}-volume`, never)).toBe(false)
    expect(await world.engine.volumeExists(`${world.prefix}-volume-long`, never)).toBe(true)
    await world.engine.removeVolume(`${world.prefix}-volume-long`, never)
    expect(await world.engine.volumeExists(`${world.prefix}-volume-long`, never)).toBe(false)
  })

  it('keeps a network that a stopped container uses, and removes it afterwards', async () => {
    const network = `${world.prefix}-net`
    expect(await world.engine.networkExists(network, never)).toBe(false)
    await world.addNetwork(network)
    expect(await world.engine.networkExists(network, never)).toBe(true)
    const id = await world.addNode({
      name: `${network}-user`,
      cluster: `${network}-user`,
      running: false,
      network,
    })
    expect(await world.engine.removeNetwork(network, never)).toBe(false)
    await world.engine.removeContainer(id, never)
    expect(await world.engine.removeNetwork(network, never)).toBe(true)
    expect(await world.engine.networkExists(network, never)).toBe(false)
    expect(await world.engine.removeNetwork(network, never)).toBe(true)
  })

  it('loads an image from an archive', async () => {
    const { path, image } = world.archive
    expect(await world.engine.imageExists(world.image, never)).toBe(true)
    expect(await world.engine.imageExists(image, never)).toBe(false)
    await world.engine.loadImage(path, never)
    expect(await world.engine.imageExists(image, never)).toBe(true)
  })

  it('fails to load what is not there', async () => {
    const load = world.engine.loadImage('/nowhere/image.tar', never)
    await expect(load).rejects.toMatchObject({ id: 'ENGINE_FAILED' })
  })

  it('reads a file in a container, or knows that it is not there yet', async () => {
    const name = `${world.prefix}-read`
    const files = { '/etc/hello': 'hello\n\n', '/etc/empty': '' }
    const id = await world.addNode({ name, cluster: name, running: true, files })
    expect(await world.engine.readFile(name, '/etc/hello', never)).toBe('hello\n\n')
    expect(await world.engine.readFile(id, '/etc/empty', never)).toBe('')
    expect(await world.engine.readFile(name, '/etc/none', never)).toBeUndefined()
    expect(await world.engine.readFile(`${name}-none`, '/etc/hello', never)).toBeUndefined()
    await world.addNode({ name: `${name}-2`, cluster: name, running: false })
    expect(await world.engine.readFile(`${name}-2`, '/etc/hello', never)).toBeUndefined()
  })

  it('runs a command in a container, with its exit code and a file as its input', async () => {
    const name = `${world.prefix}-exec`
    await world.addNode({ name, cluster: name, running: true })
    const folder = await mkdtemp(join(tmpdir(), 'play-exec-'))
    const input = join(folder, 'input')
    await writeFile(input, 'x'.repeat(200_000))
    expect(await world.engine.exec(name, ['false'], never)).toMatchObject({ exitCode: 1 })
    expect(await world.engine.exec(name, ['cat'], never, input)).toEqual({
      exitCode: 0,
      stdout: 'x'.repeat(200_000),
      stderr: '',
    })
    await rm(folder, { recursive: true })
    const gone = world.engine.exec(`${name}-none`, ['true'], never)
    await expect(gone).rejects.toMatchObject({ id: 'ENGINE_FAILED' })
  })

  it('rejects with the reason of an abort', async () => {
    const stop = new Error('stop')
    await expect(world.engine.clusterNames(AbortSignal.abort(stop))).rejects.toBe(stop)
  })
})
