/** Container engines for the contract suite: one in memory, and real ones with a small image of busybox. */
import { randomBytes } from 'node:crypto'
import { access, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createContainerEngine } from '../../src/adapters/container-engine.ts'
import { containersConfPath, podmanEnvironment } from '../../src/adapters/containers-conf.ts'
import { createProcessRunner } from '../../src/adapters/execa-process-runner.ts'
import { localMachine } from '../../src/adapters/local-machine.ts'
import type { ContainerEngine, ProcessRunner } from '../../src/domain/ports.ts'
import { containersConf, readPodmanLimits } from '../../src/sources/kind/podman-settings.ts'
import { startDocker } from '../e2e/docker-engine.ts'
import { FakeEngine } from '../fakes/fake-engine.ts'

/** A container to make. */
export interface NodeWish {
  readonly name: string
  readonly cluster: string
  readonly running: boolean
  readonly network?: string
  readonly files?: Readonly<Record<string, string>>
}

/** An engine and how to bring it into a state. Names begin with `prefix`, which nothing else uses. */
export interface EngineWorld {
  readonly prefix: string
  readonly engine: ContainerEngine
  /** An image that is there, and an archive of one that is not. */
  readonly image: string
  readonly archive: { readonly path: string; readonly image: string }
  /** Returns the id. The container has a volume at /var and publishes its port 6443 on 127.0.0.1. */
  addNode(wish: NodeWish): Promise<string>
  /** With a label of that name where one is given, as kind's volumes have the name of their node. */
  addVolume(name: string, label?: string): Promise<void>
  addNetwork(name: string): Promise<void>
  dispose(): Promise<void>
}

const never = new AbortController().signal
const busybox = '/bin/busybox'

/** The engine in memory. */
export function fakeWorld(): Promise<EngineWorld> {
  const engine = new FakeEngine()
  const prefix = 'play-contract'
  const image = `localhost/${prefix}:1`
  const archive = { path: '/images/a.tar', image: `localhost/${prefix}:2` }
  engine.images.add(image)
  engine.archives.set(archive.path, archive.image)
  return Promise.resolve({
    prefix,
    engine,
    image,
    archive,
    addNode: ({ name, cluster, running, network, files = {} }) => {
      const state = running ? 'running' : 'created'
      const wish = { name, state, image, files, ...(network === undefined ? {} : { network }) }
      return Promise.resolve(engine.addNode(cluster, wish).id)
    },
    addVolume: (name, label) => {
      engine.volumes.add(name)
      const cluster = /^(.*)-(control-plane|worker)[0-9]*$/.exec(label ?? '')?.[1]
      if (cluster !== undefined) engine.volumeLabels.set(name, cluster)
      return Promise.resolve()
    },
    addNetwork: (name) => Promise.resolve(void engine.networks.add(name)),
    dispose: () => Promise.resolve(),
  })
}

/** Why a real engine cannot be tried here; undefined when it can. */
export async function whyNot(): Promise<string | undefined> {
  if (!localMachine.isRoot) return 'it takes root'
  return access(busybox).then(
    () => undefined,
    () => `there is no ${busybox} (apt-get install busybox-static)`,
  )
}

/** A real engine: podman as it is installed, or docker: the one of DOCKER_HOST, else one of its own. */
export async function realWorld(name: 'docker' | 'podman'): Promise<EngineWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'pe-'))
  const ownDocker =
    name === 'docker' && process.env['DOCKER_HOST'] === undefined
      ? await startDocker(join(folder, 'd'))
      : undefined
  const env = { ...process.env, ...(ownDocker === undefined ? {} : { DOCKER_HOST: ownDocker.dockerHost }) }
  const settings = containersConf(await readPodmanLimits(localMachine))
  if (settings !== undefined) await writeFile(containersConfPath(folder), settings)
  const podmanEnv = podmanEnvironment(folder, env)
  const processes = createProcessRunner({ env: { ...env, ...podmanEnv } })
  const engine = createContainerEngine(name, { processes, podmanEnvironment: podmanEnv })
  const world = await furnish(engine, processes, folder)
  return {
    ...world,
    dispose: async () => {
      await world.dispose()
      await ownDocker?.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function furnish(
  engine: ContainerEngine,
  processes: ProcessRunner,
  folder: string,
): Promise<EngineWorld> {
  const prefix = `playc${randomBytes(4).toString('hex')}`
  const run = async (args: readonly string[], input?: string): Promise<string> => {
    const options = { signal: never, timeoutMs: 60_000, ...(input === undefined ? {} : { input }) }
    const { exitCode, stdout, stderr } = await processes.run(engine.name, args, options)
    if (exitCode !== 0) throw new Error(`${engine.name} ${args.join(' ')}: ${stderr}`)
    return stdout.trim()
  }
  const image = `localhost/${prefix}:1`
  const archive = { path: join(folder, 'image.tar'), image: `localhost/${prefix}:2` }
  const root = await rootFileSystem(folder, processes)
  for (const reference of [image, archive.image]) await run(['import', root, reference])
  await run(['save', '--output', archive.path, archive.image])
  await run(['rmi', archive.image])
  return {
    prefix,
    engine,
    image,
    archive,
    addNode: async ({ name, cluster, running, network, files = {} }) => {
      const flags = ['--name', name, '--label', `io.x-k8s.kind.cluster=${cluster}`, '--volume', '/var']
      const net = network === undefined ? [] : ['--network', network]
      const verb = running ? ['run', '--detach'] : ['create']
      const publish = ['--publish', '127.0.0.1::6443']
      const id = await run([...verb, ...flags, ...net, ...publish, image, '/bin/sleep', '3600'])
      for (const [path, text] of Object.entries(files)) {
        await run(['exec', '--interactive', id, 'sh', '-c', 'cat > "$0"', path], text)
      }
      return id
    },
    addVolume: async (name, label) => {
      const flags = label === undefined ? [] : ['--label', `${label}=true`]
      await run(['volume', 'create', ...flags, name])
    },
    addNetwork: async (name) => {
      await run(['network', 'create', name])
    },
    dispose: async () => {
      const left = (await run(['ps', '--all', '--format', '{{.Names}}'])).split('\n')
      for (const name of left.filter((each) => each.startsWith(prefix)))
        await engine.removeContainer(name, never)
      await run(['rmi', '--force', image])
      await run(['rmi', '--force', archive.image]).catch(() => undefined)
    },
  }
}

/** A file system of nothing but busybox, as a tar archive. */
async function rootFileSystem(folder: string, processes: ProcessRunner): Promise<string> {
  const root = join(folder, 'root')
  for (const name of ['bin', 'etc', 'var', 'proc', 'sys', 'dev'])
    await mkdir(join(root, name), { recursive: true })
  await copyFile(busybox, join(root, 'bin', 'busybox'))
  for (const name of ['sh', 'cat', 'sleep', 'false']) await symlink('busybox', join(root, 'bin', name))
  const path = join(folder, 'root.tar')
  await processes.run('tar', ['--create', '--file', path, '--directory', root, '.'], { signal: never })
  return path
}
