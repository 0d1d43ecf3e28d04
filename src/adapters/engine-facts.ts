/** Asks docker or podman what it is: one `info`, which takes a second, so only `play doctor` asks. */
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
  return name === 'docker' ? dockerFacts(text) : podmanFacts(text)
}

/** From `docker info`; pure. */
export function dockerFacts(json: string): EngineFacts {
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

/** From `podman info`; pure. */
export function podmanFacts(json: string): EngineFacts {
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
