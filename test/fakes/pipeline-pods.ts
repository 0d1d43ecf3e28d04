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
}

/** Understands `echo`, `exit` and `sleep`, which lasts for ever. Throws for everything else. */
export function outcomeOf({ command = [], args = [], env = [] }: Program, message: string): Outcome {
  if (command.join(' ') !== 'sh -c') throw new Error('a program needs its own command')
  const script = args.join('\n')
  const words = [...script.matchAll(/^(echo|exit|sleep) (.+)$/gm)]
  if (words.length !== script.split('\n').length) throw new Error(`the fake does not understand ${script}`)
  const said = (text = ''): string => (text === '"$MESSAGE"' && env[0]?.name === 'MESSAGE' ? message : text)
  const lines = words.filter(([, word]) => word === 'echo').map(([, , text]) => said(text))
  const [, verb = 'exit', code = '0'] = words.find(([, word]) => word !== 'echo') ?? []
  return { lines, exitCode: verb === 'exit' ? Number(code) : undefined }
}

/** Lets those who watch see what has happened so far. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

const startedAt = '2026-01-01T00:00:02Z'
const finishedAt = '2026-01-01T00:00:04Z'

/** A pod whose one program is in `container`; `others` are the product's own. */
export class PipelinePodActor {
  readonly #cluster: FakeCluster
  readonly #pod: KubeObject
  readonly #container: string
  readonly #noise: readonly string[]

  constructor(
    cluster: FakeCluster,
    metadata: KubeObject['metadata'],
    { container, others, noise }: { container: string; others: readonly string[]; noise: readonly string[] },
  ) {
    const containers = [...others, container].map((name) => ({ name }))
    this.#cluster = cluster
    this.#pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers } }
    this.#container = container
    this.#noise = noise
  }

  create(): void {
    this.#put('Pending', { waiting: { reason: 'PodInitializing' } })
  }

  run({ lines }: Outcome): void {
    this.#put('Running', { running: { startedAt } })
    this.#log(lines, false)
  }

  end({ lines }: Outcome, exitCode: number): void {
    this.#log([...lines, ...this.#noise], true)
    const reason = exitCode === 0 ? 'Completed' : 'Error'
    this.#put(exitCode === 0 ? 'Succeeded' : 'Failed', {
      terminated: { exitCode, reason, startedAt, finishedAt },
    })
  }

  /** As after a deletion: its log ends with it. */
  remove({ lines }: Outcome): void {
    this.#log(lines, true)
    const { name, namespace = '' } = this.#pod.metadata
    this.#cluster.remove({ apiVersion: 'v1', kind: 'Pod', namespace, name })
  }

  #put(phase: string, state: object): void {
    const spec = this.#pod['spec'] as { containers: readonly { name: string }[] }
    const containerStatuses = spec.containers.map(({ name }) => ({ name, state }))
    this.#cluster.put({ ...this.#pod, status: { phase, containerStatuses } })
  }

  #log(lines: readonly string[], ended: boolean): void {
    const { name, namespace = '' } = this.#pod.metadata
    this.#cluster.setLog({ namespace, name, container: this.#container }, lines, ended)
  }
}
