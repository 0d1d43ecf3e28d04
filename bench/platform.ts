/** What a playground that stands is measured by: its start as its own events tell it, pushes, memory, a component more. */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { parseDocument } from 'yaml'
import type { Status, UpResult } from '../src/domain/results.ts'
import type { Clock } from '../src/engine/clock.ts'
import type { RunEvent } from '../src/engine/events.ts'
import { waitUntil, type Probe } from '../src/engine/wait.ts'
import type { Cost } from './measure.ts'

/** Runs play and answers what it cost; throws if it fails. `output` is plain if left out. */
export type Play = (args: readonly string[], output?: 'plain' | 'json' | 'ndjson') => Promise<Cost>

/** Milliseconds of the two parts of `up` that can be compared. */
export interface Parts {
  /** From the start of the run until the node is ready. */
  readonly clusterMs: number
  /** From then until the last component is ready; what hands the platform over to git comes later. */
  readonly componentsMs: number
}

/** Reads the events of an `up` that began with nothing. Throws if the run, or a step that counts, did not succeed. */
export function partsOf(ndjson: string): Parts {
  const lines = ndjson.split('\n').filter((line) => line !== '')
  const events = lines.map((line) => JSON.parse(line) as RunEvent)
  const [first, last] = [events[0], events.at(-1)]
  if (first?.type !== 'run.started' || last?.type !== 'run.succeeded')
    throw new Error('these are not the events of a run that succeeded')
  const endOf = (step: string): number => {
    const end = events.find((event) => event.type === 'step.succeeded' && event.step === step)
    if (end === undefined) throw new Error(`the events do not tell of the end of ${step}`)
    return Date.parse(end.time)
  }
  const { components } = last.result as UpResult
  // kind is done, the node takes pods, and they reach the API: what `kind create cluster --wait` calls ready, and more.
  const cluster = Math.max(...['cluster.stack', 'cluster.nodes', 'cluster.services'].map(endOf))
  return {
    clusterMs: cluster - Date.parse(first.time),
    componentsMs: Math.max(...components.map((id) => endOf(`${id}.ready`))) - cluster,
  }
}

/** What measuring a push works with. */
export interface PushTools {
  readonly play: Play
  readonly kubectl: string
  readonly env: Readonly<Record<string, string>>
  /** Where the working copy goes. */
  readonly folder: string
}

const changed = { namespace: 'argo', name: 'workflow-controller', label: 'bench' }

/** Milliseconds of `play git push` with one label changed. Throws if the label is not in the cluster when it has ended. */
export async function pushTime({ play, kubectl, env, folder }: PushTools, name: string): Promise<number> {
  const copy = join(folder, 'copy')
  const value = `at-${String(Date.now())}`
  await play(['git', 'clone', copy, '--name', name])
  try {
    const path = join(copy, 'platform', 'argo-workflows', `deployment-${changed.name}.yaml`)
    const manifest = parseDocument(await readFile(path, 'utf8'))
    manifest.setIn(['metadata', 'labels', changed.label], value)
    await writeFile(path, manifest.toString({ lineWidth: 0 }))
    const who = ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost', '-c', 'commit.gpgsign=false']
    await execa('git', ['-C', copy, ...who, 'commit', '--quiet', '--all', '--message', 'Change a label'])
    const { ms } = await play(['git', 'push', copy, '--name', name])
    const jsonpath = `jsonpath={.metadata.labels.${changed.label}}`
    const get = ['get', 'deployment', changed.name, '--namespace', changed.namespace, '--output', jsonpath]
    const { stdout } = await execa(kubectl, ['--context', `play-${name}`, ...get], { env })
    if (stdout !== value) throw new Error(`the push has ended, and the label is still "${stdout}"`)
    return ms
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}

/** Bytes, all components together. */
export interface Memory {
  readonly requestedBytes: number
  readonly usedBytes: number
}

/** Memory of the platform's pods. Waits while something is unhealthy: kubelet tells of a new pod only after a while. */
export async function memoryOf(play: Play, name: string, clock: Clock, signal: AbortSignal): Promise<Memory> {
  const look = async (): Promise<Probe<Memory>> => {
    try {
      const { output } = await play(['status', name], 'json')
      const { result } = JSON.parse(output) as { readonly result: Status }
      const memory = sumOf(result)
      return memory === undefined
        ? { done: false, seen: 'not all of the memory in use is known' }
        : { done: true, value: memory }
    } catch (error) {
      return { done: false, seen: String(error) }
    }
  }
  const waitedFor = 'the memory of every component'
  return waitUntil(look, { waitedFor, timeoutMs: 60_000, intervalMs: 2000, clock, signal })
}

/** Undefined where a component does not tell: a part would be taken for all. */
function sumOf({ components }: Status): Memory | undefined {
  let [requestedBytes, usedBytes] = [0, 0]
  for (const { memory } of components) {
    if (memory?.usedBytes === undefined) return undefined
    requestedBytes += memory.requestedBytes
    usedBytes += memory.usedBytes
  }
  return { requestedBytes, usedBytes }
}

/** Milliseconds of `play component add`; takes the component out again. */
export async function addTime(play: Play, component: string, name: string): Promise<number> {
  const { ms } = await play(['component', 'add', component, name])
  await play(['component', 'remove', component, name])
  return ms
}
