/** What podman has to be told on a machine that does not permit its defaults; pure but for reading /proc and /sys. */
import type { Machine } from '../../domain/machine.ts'

/** What the machine permits. */
export interface PodmanLimits {
  /** 1 also for a hybrid of both versions of control groups, which crun refuses and runc takes. */
  readonly cgroup: 1 | 2
  /** Hard limits of this process; undefined where it may raise its limits, so that podman's defaults work. */
  readonly hard: { readonly files: number; readonly processes: number } | undefined
}

/** Enough for a node with everything that play installs; measured. */
const wantedLimit = 4096

/** Position of CAP_SYS_RESOURCE in the mask of capabilities (capability.h). */
const sysResourceBit = 24n

/** Reads what the machine permits. */
export async function readPodmanLimits(machine: Machine): Promise<PodmanLimits> {
  const [controllers, status, limits] = await Promise.all([
    machine.readText('/sys/fs/cgroup/cgroup.controllers'),
    machine.readText('/proc/self/status'),
    machine.readText('/proc/self/limits'),
  ])
  const mask = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status ?? '')?.[1] ?? '0'}`)
  const mayRaise = ((mask >> sysResourceBit) & 1n) === 1n
  const hard = { files: hardLimit('Max open files', limits), processes: hardLimit('Max processes', limits) }
  return { cgroup: controllers === undefined ? 1 : 2, hard: mayRaise ? undefined : hard }
}

function hardLimit(name: string, limits = ''): number {
  const value = new RegExp(`^${name}\\s+\\S+\\s+(\\S+)`, 'm').exec(limits)?.[1]
  // "unlimited" is no number.
  return Number(value ?? '') || Number.POSITIVE_INFINITY
}

/** The text of play's containers.conf(5); undefined where podman's defaults work. */
export function containersConf({ cgroup, hard }: PodmanLimits): string | undefined {
  const parts: string[] = []
  if (hard !== undefined) {
    const ulimits = Object.entries({ nofile: hard.files, nproc: hard.processes }).map(([name, limit]) => {
      const value = String(Math.min(wantedLimit, limit))
      return `"${name}=${value}:${value}"`
    })
    parts.push(`[containers]\ndefault_ulimits = [${ulimits.join(', ')}]\n`)
  }
  if (cgroup === 1) parts.push('[engine]\nruntime = "runc"\n')
  if (parts.length === 0) return undefined
  return ['# Written by play doctor --fix; used by play alone, through CONTAINERS_CONF.\n', ...parts].join(
    '\n',
  )
}
