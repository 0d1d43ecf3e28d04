/** Pods of pipelines as a kubelet tells of them, and the few words of a shell that their programs need. */
import type { KubeObject } from '../../src/domain/cluster.ts'
import type { FakeCluster } from './fake-cluster.ts'

/** A container that runs a program, as products write it into their pods. */
export interface Program {
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: readonly { readonly name: string; readonly value: string }[]
}

/** How a program goes: it writes `lines` and ends with `exitCode`, or not at all. */
export interface Outcome {
  readonly lines: readonly string[]
  readonly exitCode: number | undefined
  /** What it writes to a file, which is how programs answer. */
  readonly answer?: string
}

/** Understands `echo`, `exit`, `sleep`, which lasts for ever, and `printf` into a file. Throws for everything else. */
export function outcomeOf({ command = [], args = [], env = [] }: Program, message: string): Outcome {
  if (command.join(' ') !== 'sh -c') throw new Error('a program needs its own command')
  const script = args.join('\n')
  const words = [...script.matchAll(/^(echo|exit|sleep|printf) (.+)$/gm)]
  if (words.length !== script.split('\n').length) throw new Error(`the fake does not understand ${script}`)
  const said = (text = ''): string => (text === '"$MESSAGE"' && env[0]?.name === 'MESSAGE' ? message : text)
  const rest = (verb: string): string[] =>
    words.filter(([, word]) => word === verb).map(([, , text = '']) => text)
  const [written] = rest('printf')
  return {
    lines: rest('echo').map(said),
    exitCode: rest('sleep').length > 0 ? undefined : Number(rest('exit')[0] ?? 0),
    ...(written === undefined ? {} : { answer: said(written.split(' ')[1]) }),
  }
}

/** Lets those who watch see what has happened so far. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

const startedAt = '2026-01-01T00:00:02Z'
const finishedAt = '2026-01-01T00:00:04Z'

/** How a program ended; the instant is ISO 8601. */
export interface ProgramEnd {
  readonly exitCode: number
  readonly finishedAt?: string
  readonly message?: string
}

/** A pod with all its containers, which start together. */
export class PipelinePodActor {
  readonly #cluster: FakeCluster
  readonly #pod: KubeObject
  readonly #states = new Map<string, object>()
  readonly #codes = new Map<string, number>()
  readonly #lines = new Map<string, string[]>()

  constructor(cluster: FakeCluster, metadata: KubeObject['metadata'], containers: readonly string[]) {
    this.#cluster = cluster
    const spec = { containers: containers.map((name) => ({ name })) }
    this.#pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec }
    for (const name of containers) {
      this.#states.set(name, { waiting: { reason: 'PodInitializing' } })
      this.#lines.set(name, [])
    }
  }

  create(): void {
    this.#put('Pending')
  }

  start(): void {
    for (const name of this.#states.keys()) {
      this.#states.set(name, { running: { startedAt } })
      this.#log(name, false)
    }
    this.#put('Running')
  }

  write(container: string, lines: readonly string[]): void {
    this.#lines.get(container)?.push(...lines)
    this.#log(container, false)
  }

  /** Nothing for a container that has ended before. */
  end(container: string, { exitCode, finishedAt: at = finishedAt, message }: ProgramEnd): void {
    if (this.#codes.has(container)) return
    this.#log(container, true)
    const reason = exitCode === 0 ? 'Completed' : 'Error'
    const words = message === undefined ? {} : { message }
    this.#states.set(container, { terminated: { exitCode, reason, startedAt, finishedAt: at, ...words } })
    this.#codes.set(container, exitCode)
    const hasEnded = this.#codes.size === this.#states.size
    const hasFailed = [...this.#codes.values()].some((code) => code !== 0)
    this.#put(!hasEnded ? 'Running' : hasFailed ? 'Failed' : 'Succeeded')
  }

  /** As after a deletion: its logs end with it. */
  remove(): void {
    for (const name of this.#states.keys()) this.#log(name, true)
    const { name, namespace = '' } = this.#pod.metadata
    this.#cluster.remove({ apiVersion: 'v1', kind: 'Pod', namespace, name })
  }

  #put(phase: string): void {
    const containerStatuses = [...this.#states].map(([name, state]) => ({ name, state }))
    this.#cluster.put({ ...this.#pod, status: { phase, containerStatuses } })
  }

  #log(container: string, ended: boolean): void {
    const { name, namespace = '' } = this.#pod.metadata
    this.#cluster.setLog({ namespace, name, container }, [...(this.#lines.get(container) ?? [])], ended)
  }
}
