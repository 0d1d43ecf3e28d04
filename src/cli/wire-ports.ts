/** Wires every port to its adapter; a part of the composition root, so that each loads on first use only. */
import { randomBytes } from 'node:crypto'
import { delimiter, join } from 'node:path'
import type { ArtifactsOptions } from '../artifacts/artifacts.ts'
import type { Bundles } from '../artifacts/bundles.ts'
import type { ContainerEngine, Ports, ProcessRunner, StackRunner, ToolName } from '../domain/ports.ts'
import { playgroundVariable } from '../domain/running-process.ts'
import type { UserFolders } from './folders.ts'

/** Facts of this process that adapters need. */
export interface Wiring {
  readonly env: NodeJS.ProcessEnv
  readonly folders: UserFolders
  readonly home: string
  /** Root of the package: assets/ and bin/ are there. */
  readonly root: string
  readonly version: string
  readonly offline: boolean
  readonly os: string
  readonly arch: string
  /** Path of the Node that runs us; the plug-in is run by the same one. */
  readonly node: string
}

/** A value that is made once, on first use. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}

/** The ports, and the process runner for those who need it bare. */
export interface Wired {
  readonly ports: Ports
  readonly processes: () => Promise<ProcessRunner>
}

/** Wires the ports. Nothing is loaded but the clock. */
export async function wirePorts(wiring: Wiring): Promise<Wired> {
  const { env, folders, home } = wiring
  const [{ systemClock }, { newUlid }, { createPackageAssets }] = await Promise.all([
    import('../adapters/system-clock.ts'),
    import('../domain/ulid.ts'),
    import('../adapters/package-assets.ts'),
  ])
  const processes = once(() => wireProcesses(wiring))
  const epoch = newUlid(systemClock.now(), randomBytes)
  const states = once(async () => {
    const { createFileStateStore } = await import('../adapters/file-state-store.ts')
    return createFileStateStore({
      stateDir: folders.state,
      processes: await processes(),
      now: () => systemClock.now(),
      openJournal: async (path) => {
        const { openJournal } = await import('../journal/journal.ts')
        return openJournal(path, { epoch, tool: `play ${wiring.version}`, now: () => systemClock.now() })
      },
    })
  })
  const artifacts = once(() => wireArtifacts(wiring, processes))
  const ports: Ports = {
    clock: systemClock,
    loopback: {
      accepts: async (port, signal) =>
        (await import('../adapters/loopback-ports.ts')).loopbackPorts.accepts(port, signal),
      isFree: async (port) => (await import('../adapters/loopback-ports.ts')).loopbackPorts.isFree(port),
      get: async (port, path, signal) =>
        (await import('../adapters/loopback-ports.ts')).loopbackPorts.get(port, path, signal),
    },
    states,
    artifacts,
    clusters: once(async () =>
      (await import('../adapters/kube/cluster-client.ts')).createClusterClients({ clock: systemClock }),
    ),
    kubeconfigs: once(async () => {
      const { createKubeconfigs } = await import('../adapters/kube/kubeconfig.ts')
      return createKubeconfigs({ env, homeDir: home, clock: systemClock, processes: await processes() })
    }),
    engine: wireEngine(wiring, processes),
    processTable: once(async () => {
      const { wireProcessTable } = await import('./wire-process-table.ts')
      return wireProcessTable({ processes, states, version: wiring.version, epoch })
    }),
    stack: (name, engine, signal) => wireStack(wiring, ports, processes, name, engine, signal),
    gitRemotes: once(async () => {
      const { createGitRemotes } = await import('../adapters/git-remote.ts')
      return createGitRemotes({ processes: await processes(), home })
    }),
    registryCredentials: async (registry) =>
      (await import('../adapters/registry-credentials.ts')).readRegistryCredentials(registry),
    assets: createPackageAssets(wiring.root),
    newId: () => newUlid(systemClock.now(), randomBytes),
  }
  return { ports, processes }
}

async function wireProcesses({ env }: Wiring): Promise<ProcessRunner> {
  const { createProcessRunner } = await import('../adapters/execa-process-runner.ts')
  return createProcessRunner({ env })
}

function wireEngine({ env, folders }: Wiring, processes: () => Promise<ProcessRunner>): Ports['engine'] {
  const found = new Map<string, Promise<ContainerEngine>>()
  const find = async (prefer: string | undefined, signal: AbortSignal): Promise<ContainerEngine> => {
    const [{ detectEngine }, { podmanEnvironment }] = await Promise.all([
      import('../adapters/detect-engine.ts'),
      import('../adapters/containers-conf.ts'),
    ])
    return detectEngine({
      processes: await processes(),
      podmanEnvironment: podmanEnvironment(folders.config, env),
      podmanPlace: {
        connection: env['CONTAINER_HOST'] ?? env['CONTAINER_CONNECTION'],
        storage: env['CONTAINERS_STORAGE_CONF'],
        dataHome: env['XDG_DATA_HOME'],
      },
      prefer,
      signal,
    })
  }
  return (signal, only) => {
    // What a person says now wins: whoever needs another engine must see that it is another.
    const asked = env['PLAY_ENGINE'] ?? ''
    const prefer = asked !== '' ? asked : (only ?? env['KIND_EXPERIMENTAL_PROVIDER'])
    const key = prefer ?? ''
    const engine = found.get(key) ?? find(prefer, signal)
    found.set(key, engine)
    // An engine that did not answer may do so the next time.
    engine.catch(() => found.delete(key))
    return engine
  }
}

async function wireArtifacts(
  wiring: Wiring,
  processes: () => Promise<ProcessRunner>,
): ReturnType<Ports['artifacts']> {
  const { env } = wiring
  const [{ createArtifacts }, options] = await Promise.all([
    import('../artifacts/artifacts.ts'),
    artifactsOptions(wiring, processes),
  ])
  const names: readonly ToolName[] = ['kind', 'pulumi', 'kubectl']
  const overrides = Object.fromEntries(
    names
      .map((name) => [name, env[`PLAY_${name.toUpperCase()}`]])
      .filter(([, path]) => path !== undefined && path !== ''),
  ) as Partial<Record<ToolName, string>>
  const searchPath = (env['PATH'] ?? '').split(delimiter).filter(Boolean)
  return createArtifacts({ ...options, overrides, searchPath })
}

/** The bundles of this machine, for the verbs of `play bundle`. */
export async function wireBundles(wiring: Wiring, processes: () => Promise<ProcessRunner>): Promise<Bundles> {
  const { createBundles } = await import('../artifacts/bundles.ts')
  return createBundles(await artifactsOptions(wiring, processes))
}

async function artifactsOptions(
  { env, folders, root, version, offline, os, arch }: Wiring,
  processes: () => Promise<ProcessRunner>,
): Promise<Omit<ArtifactsOptions, 'overrides' | 'searchPath'>> {
  const [{ loadPins }, { createDownloader }, { systemClock: clock }] = await Promise.all([
    import('../artifacts/pins.ts'),
    import('../adapters/verified-downloader.ts'),
    import('../adapters/system-clock.ts'),
  ])
  return {
    cacheDir: folders.cache,
    ...((env['PLAY_BUNDLE'] ?? '') === '' ? {} : { bundleDir: env['PLAY_BUNDLE'] ?? '' }),
    offline,
    os,
    arch,
    pins: await loadPins(join(root, 'assets', 'versions.json')),
    processes: await processes(),
    downloader: createDownloader({ clock, random: Math.random, userAgent: `play/${version}`, proxyEnv: env }),
    now: () => clock.now(),
  }
}

async function wireStack(
  wiring: Wiring,
  ports: Ports,
  processes: () => Promise<ProcessRunner>,
  name: string,
  engine: ContainerEngine,
  signal: AbortSignal,
): Promise<StackRunner> {
  const { env, root, version, node } = wiring
  const [{ createStackRunner }, artifacts, states] = await Promise.all([
    import('../pulumi/stack-runner.ts'),
    ports.artifacts(),
    ports.states(),
  ])
  const [pulumi, kind] = await Promise.all([artifacts.tool('pulumi', signal), artifacts.tool('kind', signal)])
  const folder = states.folder(name)
  const lock = states.held(name)
  return createStackRunner({
    playground: name,
    folder: join(folder, 'pulumi'),
    pulumi,
    launcherFolder: join(root, 'bin'),
    env: {
      PATH: env['PATH'] ?? '',
      PLAY_KIND: kind.path,
      PLAY_NODE: node,
      PLAY_VERSION: version,
      PLAY_ENGINE: engine.name,
      [playgroundVariable]: folder,
      PLAY_TMP: join(folder, 'tmp'),
      ...(lock === undefined ? {} : { PLAY_LOCK: lock.path, PLAY_EPOCH: lock.epoch }),
      ...engine.kindEnvironment,
    },
    processes: await processes(),
    clock: ports.clock,
    newPassphrase: () => randomBytes(32).toString('base64url'),
    // Whoever runs a stack of this playground holds its lock, so an engine that runs is one that outlived its play.
    async lockOwnerIsDead() {
      const running = await (await ports.processTable()).find(folder)
      return !running.some(({ command }) => command.split(' ')[0] === 'pulumi')
    },
  })
}
