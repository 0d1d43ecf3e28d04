/** What demos are measured by: how long they take, how late their lines come, and what watching costs. */
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { execa } from 'execa'
import { containerStep } from '../src/components/pipelines/argo-template.ts'
import type { KubeObject } from '../src/domain/cluster.ts'
import { stampLines, timed, type Cost, type StampedLine } from './measure.ts'
import type { PushTools } from './platform.ts'
import type { Figures } from './report.ts'

/** What measuring demos works with. */
export interface DemoTools extends Pick<PushTools, 'play' | 'kubectl' | 'env'> {
  /** Folder of the demos that play ships. */
  readonly demos: string
  /** How often each is run again. */
  readonly repeats: number
  /** Told how it goes. */
  readonly say: (text: string) => void
}

/**
 * Runs the demos on a playground on which nothing has run yet. `watchingCpu` is a share of one core. Throws if a demo
 * fails.
 */
export async function demoFigures(tools: DemoTools, name: string): Promise<Figures> {
  const first = await tools.play(['demo', 'ci', name])
  tools.say(`first demo ci: ${(first.ms / 1000).toFixed(2)} s`)
  const ci: { ms: number; delays: readonly number[]; cpu: number }[] = []
  const hello: { ms: number; handMs: number }[] = []
  for (let run = 1; run <= tools.repeats; run += 1) ci.push(await watchedCi(tools, name))
  for (let run = 1; run <= tools.repeats; run += 1) {
    // The first one makes the namespace and the account that both need.
    const { ms } = await tools.play(['demo', 'hello', name])
    const handMs = await timed(() => helloByHand(tools, name))
    tools.say(`demo hello: ${(ms / 1000).toFixed(2)} s, by hand: ${(handMs / 1000).toFixed(2)} s`)
    hello.push({ ms, handMs })
  }
  return {
    firstCiMs: [first.ms],
    ciMs: ci.map(({ ms }) => ms),
    delayMs: ci.flatMap(({ delays }) => delays),
    watchingCpu: ci.map(({ cpu }) => cpu),
    helloMs: hello.map(({ ms }) => ms),
    helloHandMs: hello.map(({ handMs }) => handMs),
  }
}

/** One more run of the pipeline, with somebody else who watches its pods. */
async function watchedCi(
  { play, kubectl, env, say }: DemoTools,
  name: string,
): Promise<{ ms: number; delays: readonly number[]; cpu: number }> {
  const path = '/api/v1/namespaces/demo-ci/pods?watch=1&timeoutSeconds=600'
  const args = ['--context', `play-${name}`, 'get', '--raw', path]
  const watch = execa(kubectl, args, { env, stdin: 'ignore', reject: false })
  const changes = stampLines(watch.stdout)
  let cost: Cost
  let endedAt: number
  try {
    cost = await play(['demo', 'ci', name])
    endedAt = performance.now()
  } finally {
    watch.kill()
    await watch
  }
  const ends = taskEnds(changes)
  if (ends.length === 0) say(`kubectl saw no task end: ${(await watch).stderr}`)
  const delays = delaysOf(cost.lines, ends, endedAt)
  const cpu = watchingShare(cost)
  const late = delays.map((ms) => ms.toFixed(0)).join(', ')
  say(
    `demo ci: ${(cost.ms / 1000).toFixed(2)} s; lines late by ${late} ms; ${(cpu * 100).toFixed(1)} % of a core`,
  )
  return { ms: cost.ms, delays, cpu }
}

/** The same workflow as a person would run it who knows kubectl. */
async function helloByHand({ kubectl, env, demos }: DemoTools, name: string): Promise<void> {
  const file = join(demos, 'hello', 'argo-workflows', 'pipeline.yaml')
  const at = ['--context', `play-${name}`, '--namespace', 'demo-hello']
  const { stdout } = await execa(kubectl, [...at, 'create', '--filename', file, '--output', 'name'], { env })
  const until = '--for=jsonpath={.status.phase}=Succeeded'
  await execa(kubectl, [...at, 'wait', until, stdout.trim(), '--timeout', '120s'], { env })
}

/** That a task of a pipeline has ended, and when that was told. */
export interface TaskEnd {
  /** Its name in the pipeline, as `PipelineStep` has it. */
  readonly task: string
  readonly at: number
}

interface Change {
  readonly type: string
  readonly object: KubeObject & { readonly metadata: { readonly uid: string } }
}

/** Containers by which Argo reports what the others do. */
const executors = ['init', 'wait']

/**
 * The ends of tasks in what a watch of pods has told, one change of a pod a line. What had ended when its pod was seen
 * first is of a former run.
 */
export function taskEnds(changes: readonly StampedLine[]): readonly TaskEnd[] {
  const seen = new Map<string, readonly string[]>()
  const ends: TaskEnd[] = []
  for (const { at, text } of changes) {
    const { type, object: pod } = JSON.parse(text) as Change
    if (type !== 'ADDED' && type !== 'MODIFIED') continue
    const ended = endedTasks(pod)
    const before = seen.get(pod.metadata.uid) ?? ended
    seen.set(pod.metadata.uid, ended)
    ends.push(...ended.filter((task) => !before.includes(task)).map((task) => ({ task, at })))
  }
  return ends
}

interface PodStatus {
  readonly containerStatuses?: readonly {
    readonly name: string
    readonly state?: { readonly terminated?: object }
  }[]
}

/** Names of the tasks whose containers have ended; none of a pod that is no pipeline's. */
function endedTasks({ metadata: { annotations, labels }, status }: KubeObject): readonly string[] {
  const node = annotations?.['workflows.argoproj.io/node-name']
  const workflow = labels?.['workflows.argoproj.io/workflow']
  if (node === undefined || workflow === undefined) return []
  const group = node === workflow ? workflow : node.slice(workflow.length + 1)
  return (
    ((status ?? {}) as PodStatus).containerStatuses?.flatMap(({ name, state }) =>
      state?.terminated === undefined || executors.includes(name) ? [] : containerStep(group, name, workflow),
    ) ?? []
  )
}

/** A line of the plain view about a task, which stands two columns to the right of those about steps. */
const taskLine = /^ *\S+ {4}(\S) (\S+)/

/**
 * Milliseconds between each end and the line that tells it. A line that came first is not late; one that never came
 * counts as if the end of the run had told it.
 */
export function delaysOf(
  lines: readonly StampedLine[],
  ends: readonly TaskEnd[],
  endedAt: number,
): readonly number[] {
  const told = lines.flatMap(({ at, text }) => {
    const [, symbol = '', name = ''] = taskLine.exec(stripVTControlCharacters(text)) ?? []
    return ['✔', '+'].includes(symbol) ? [{ name, at }] : []
  })
  return ends.map(({ task, at }) => {
    // The view leaves out the group where nothing else is called the same.
    const line = told.find(({ name }) => name === task || task.endsWith(`.${name}`))
    return Math.max(0, (line?.at ?? endedAt) - at)
  })
}

/** Share of one core from the first line about a task to the end; NaN where that cannot be told. */
export function watchingShare({ lines, cpu }: Pick<Cost, 'lines' | 'cpu'>): number {
  const from = lines.find(({ text }) => taskLine.test(stripVTControlCharacters(text)))?.at ?? Infinity
  const samples = cpu.filter(({ at }) => at >= from)
  const [first, last] = [samples[0], samples.at(-1)]
  return first === undefined || last === undefined ? NaN : (last.cpuMs - first.cpuMs) / (last.at - first.at)
}
