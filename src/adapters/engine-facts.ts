/** Asks docker or podman what it is: one `info`, which takes a second, so only `play doctor` asks. */
import { PlayError } from '../domain/errors.ts'
import type { EngineFacts } from '../domain/engine-facts.ts'
import type { ContainerEngineSettings } from './container-engine.ts'
import { EngineCommand, type EngineName } from './engine-command.ts'

interface DockerInfo {
  readonly ServerVersion: string
  readonly CgroupVersion?: string
  readonly SecurityOptions: readonly string[] | null
  readonly DefaultRuntime: string
  readonly MemTotal: number
}

interface PodmanInfo {
  readonly host: {
    readonly cgroupVersion: string
    readonly memTotal: number
    readonly ociRuntime: { readonly name: string }
    readonly security: { readonly rootless: boolean }
  }
  readonly version: { readonly Version: string }
}

/** The facts. Throws ENGINE_FAILED, ENGINE_DOWN or ENGINE_MISSING. */
export async function readEngineFacts(
  name: EngineName,
  settings: ContainerEngineSettings,
  signal: AbortSignal,
): Promise<EngineFacts> {
  const environment = name === 'podman' ? settings.podmanEnvironment : {}
  const command = new EngineCommand(name, settings.processes, environment)
  const format = name === 'docker' ? '{{json .}}' : 'json'
  const text = await command.output({ what: 'describe itself', args: ['info', '--format', format], signal })
  if (name === 'podman') return podmanFacts(text)
  // Newer clients succeed without a daemon and tell about themselves alone.
  const { ServerErrors = null } = JSON.parse(text) as { ServerErrors?: readonly string[] | null }
  if (ServerErrors !== null) throw PlayError.of('ENGINE_DOWN', { engine: name }, { details: ServerErrors })
  return dockerFacts(text)
}

function dockerFacts(json: string): EngineFacts {
  const info = JSON.parse(json) as DockerInfo
  return {
    name: 'docker',
    version: info.ServerVersion,
    rootless: (info.SecurityOptions ?? []).some((option) => option.includes('name=rootless')),
    cgroup: info.CgroupVersion === '2' ? 2 : 1,
    runtime: info.DefaultRuntime,
    memoryBytes: info.MemTotal,
  }
}

function podmanFacts(json: string): EngineFacts {
  const { host, version } = JSON.parse(json) as PodmanInfo
  return {
    name: 'podman',
    version: version.Version,
    rootless: host.security.rootless,
    cgroup: host.cgroupVersion === 'v2' ? 2 : 1,
    runtime: host.ociRuntime.name,
    memoryBytes: host.memTotal,
  }
}
