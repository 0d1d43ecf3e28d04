/** Runs for the report: what a pipeline from push to live tells, well, badly and interrupted, and one with many tasks. */
import type { EventBody, RunEvent, TaskPhase } from '../../../../src/engine/events.ts'
import type { ReportFacts } from '../../../../src/ui/report/report-model.ts'

const begin = Date.UTC(2026, 2, 14, 9, 26, 53, 100)

/** Seconds since the run began. */
type At = number

interface Task {
  readonly name: string
  readonly after?: readonly string[]
  /** Created, started, finished; whole seconds, as Kubernetes tells them. */
  readonly times?: readonly At[]
  readonly phase?: TaskPhase
  readonly message?: string
  readonly pod?: string
  readonly log?: readonly string[]
}

/** Facts that fit all of these runs. */
export const facts: ReportFacts = {
  playground: 'demo',
  demo: 'ci',
  title: 'From push to live',
  kubernetes: 'v1.36.1',
  components: [
    { id: 'git-daemon', version: '2.54.0' },
    { id: 'argo-cd', version: '3.5.2' },
    { id: 'argo-workflows', version: '4.0.1' },
    { id: 'distribution', version: '3.1.0' },
    { id: 'buildkit', version: '0.30.0' },
  ],
}

/** A story, one event after the other. */
function story() {
  const events: RunEvent[] = []
  const tell = (at: At, body: EventBody): void => {
    const time = new Date(begin + at * 1000).toISOString()
    events.push({ schema: 1, seq: events.length + 1, time, run: '01KKSAMPLE', subject: 'demo', ...body })
  }
  const iso = (at: At): string => new Date(Math.floor(begin / 1000 + at) * 1000).toISOString()
  const task = (at: At, step: string, { name, after = [], times = [], log = [], ...rest }: Task): void => {
    const { message = '', phase = times.length === 3 ? 'succeeded' : 'waiting' } = rest
    const pod = rest.pod ?? `ci-7f2xk-${name}-2417098`
    const names = ['createdAt', 'startedAt', 'finishedAt']
    const pairs = times.map((one, index): [string, string] => [names[index] ?? '', iso(one)])
    const instants: Readonly<Record<string, string>> = Object.fromEntries(pairs)
    const place = times.length > 0 ? { pod, ...instants } : {}
    tell(at, { type: 'step.task', step, task: name, after, phase, message, ...place })
    for (const line of log) tell(at, { type: 'step.log', step, task: name, line })
  }
  const step = (id: string, from: At, to: At, detail?: string): void => {
    tell(from, { type: 'step.started', step: id })
    const durationMs = (to - from) * 1000
    tell(to, { type: 'step.succeeded', step: id, changed: true, durationMs, ...(detail ? { detail } : {}) })
  }
  return { events, tell, task, step }
}

const titles: Readonly<Record<string, string>> = {
  'ci.access': 'Prepare the namespace',
  'ci.push': 'Push the source',
  'ci.pipeline': 'Run the pipeline',
  'ci.sync': 'Argo CD brings the new image',
  'ci.live': 'The service answers with the commit',
}

function opening(): ReturnType<typeof story> {
  const told = story()
  told.tell(0, { type: 'run.started', tool: 'play', command: 'play demo ci' })
  const steps = Object.entries(titles).map(([id, title], index, all) => ({
    ...{ id, title, section: 'Demo' },
    after: index === 0 ? [] : [all[index - 1]?.[0] ?? ''],
  }))
  told.tell(0, { type: 'plan.ready', steps })
  told.step('ci.access', 0, 0.4)
  told.tell(0.5, { type: 'step.log', step: 'ci.push', line: 'To http://git.git.svc/app.git', source: 'git' })
  told.tell(0.5, {
    type: 'step.log',
    step: 'ci.push',
    line: '   9f3c2d1..4be0a77  main -> main',
    source: 'git',
  })
  told.step('ci.push', 0.4, 1.7, 'commit 4be0a77')
  told.tell(1.7, { type: 'step.started', step: 'ci.pipeline' })
  return told
}

const clone: Task = {
  ...{ name: 'clone', times: [2, 4, 6] },
  log: ["Cloning into '/work/source'...", 'HEAD is now at 4be0a77 Greet louder'],
}
const lint: Task = {
  ...{ name: 'lint', after: ['clone'], times: [6, 8, 10] },
  log: ['> lint', '> tsc --noEmit', 'No problems in 6 files.'],
}
const tests = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `ok ${String(index + 1)} - ${name} case ${String(index + 1)}`)
const test: Task = {
  ...{ name: 'test', after: ['clone'], times: [6, 7, 12] },
  log: ['TAP version 13', ...tests('answers', 46), '1..46', '# pass 46', '# fail 0'],
}
const rest: readonly Task[] = [
  {
    ...{ name: 'build', after: ['lint', 'test'], times: [12, 14, 24] },
    log: [
      '#1 [internal] load build definition from Dockerfile',
      '#7 [build 3/4] RUN npm run build',
      '#7 CACHED',
    ],
  },
  {
    ...{ name: 'push', after: ['build'], times: [12, 24, 25], pod: 'ci-7f2xk-build-2417098' },
    log: [
      'pushed registry.registry.svc:5000/app@sha256:6d1f0a2be7c94f6b51c2a3a9d55e8f01b7b3e0f4c1a29d8e7f60514233241506',
    ],
  },
  { name: 'smoke', after: ['push'], times: [25, 27, 28], log: ['GET /healthz 200 in 4 ms'] },
  { name: 'commit', after: ['smoke'], times: [28, 29, 29], log: ['deploy: image is now sha256:6d1f0a2b'] },
]

function toldTasks({ task }: ReturnType<typeof story>, tasks: readonly Task[]): void {
  for (const { name, after = [] } of tasks) task(1.9, 'ci.pipeline', { name, after })
  for (const one of tasks) if (one.times) task(one.times[2] ?? one.times[1] ?? 3, 'ci.pipeline', one)
}

/** Everything goes well. */
export function successfulRun(): RunEvent[] {
  const told = opening()
  toldTasks(told, [clone, lint, test, ...rest])
  told.tell(30.2, {
    ...{ type: 'step.succeeded', step: 'ci.pipeline', changed: true, durationMs: 28_500, detail: 'ci-7f2xk' },
  })
  told.step('ci.sync', 30.2, 36.4, 'app is healthy')
  told.step('ci.live', 36.4, 36.9)
  const result = {
    demo: 'ci',
    message: 'The service answers with commit 4be0a77, 37 s after it was pushed.',
    outputs: {
      commit: '4be0a77c09d4fd5a8f3a7bb1bb1a9a3a0a5d1e42',
      image: 'registry.registry.svc:5000/app',
      digest: 'sha256:6d1f0a2be7c94f6b51c2a3a9d55e8f01b7b3e0f4c1a29d8e7f60514233241506',
      url: 'http://127.0.0.1:30080/app',
    },
  }
  told.tell(37, { type: 'run.succeeded', durationMs: 37_000, result })
  return told.events
}

const testError = {
  ...{ id: 'DEMO_FAILED', exitCode: 6 },
  message: 'Demo ci failed: workflow ci-7f2xk: test: exit code 1',
  details: ['not ok 17 - greets loudly', '  expected: "HELLO"', '  actual: "hello"', '# fail 1'],
  suggestions: [
    'kubectl --namespace play-demo-ci get workflow ci-7f2xk --output yaml',
    'Mend src/greet.ts, or run the demo without --break test.',
  ],
}

/** The tests of the pipeline fail. */
export function failedRun(): RunEvent[] {
  const told = opening()
  const log = ['TAP version 13', ...tests('answers', 16), ...testError.details]
  const after = rest.map(({ name, after: before = [] }): Task => ({ name, after: before, phase: 'skipped' }))
  toldTasks(told, [clone, lint, { ...test, phase: 'failed', message: 'exit code 1', log }, ...after])
  for (const one of after) told.task(12.4, 'ci.pipeline', one)
  told.tell(12.6, { type: 'step.failed', step: 'ci.pipeline', durationMs: 10_900, error: testError })
  told.tell(12.6, { type: 'step.skipped', step: 'ci.sync', reason: 'ci.pipeline failed' })
  told.tell(12.6, { type: 'warning', id: 'DISK_FULL', text: 'Only 3 GiB are left for images.' })
  told.tell(12.7, { type: 'run.failed', durationMs: 12_700, error: testError })
  return told.events
}

/** Interrupted while the image is built, and a pod waits. */
export function cancelledRun(): RunEvent[] {
  const told = opening()
  toldTasks(told, [clone, lint, test])
  told.task(15, 'ci.pipeline', { name: 'build', after: ['lint', 'test'], times: [12, 14], phase: 'running' })
  told.task(15, 'ci.pipeline', { name: 'scan', after: ['test'], times: [12], message: 'ImagePullBackOff' })
  told.tell(19, { type: 'step.cancelled', step: 'ci.pipeline', durationMs: 17_300 })
  told.tell(19, { type: 'run.cancelled', durationMs: 19_000, resume: ['play demo ci demo'] })
  return told.events
}

/** Thirty tasks of a matrix, one of which failed at first and was tried again, with names as long as they get. */
export function matrixRun(): RunEvent[] {
  const told = opening()
  const matrix = Array.from({ length: 24 }, (_, index): Task => {
    const started = 9 + (index % 8) * 2 + Math.floor(index / 8)
    const name = `test-${['linux', 'alpine', 'windows'][index % 3] ?? ''}-node-${String(18 + Math.floor(index / 3))}`
    return {
      name,
      after: ['install'],
      times: [8, started, started + 9 + ((index * 7) % 23)],
      log: tests(name, 12),
    }
  })
  const names = matrix.map(({ name }) => name)
  const second = (pick: number): string[] => names.filter((_, index) => index % 2 === pick)
  const tasks: readonly Task[] = [
    clone,
    { name: 'install', after: ['clone'], times: [6, 7, 8] },
    ...matrix,
    { name: 'report-even-runs-and-publish-their-coverage', after: second(0), times: [48, 50, 52] },
    { name: 'report-odd-runs', after: second(1), times: [48, 49, 53] },
    { name: 'build', after: ['install', 'clone'], times: [8, 30, 58], log: tests('layer', 2400) },
    {
      name: 'release',
      after: ['report-even-runs-and-publish-their-coverage', 'report-odd-runs', 'build'],
      times: [58, 59, 61],
    },
  ]
  const flaky: Task = {
    ...{
      name: names[3] ?? '',
      after: ['install'],
      times: [8, 10, 14],
      phase: 'failed',
      message: 'OOMKilled',
    },
    pod: `ci-7f2xk-${names[3] ?? ''}-0000001`,
  }
  for (const { name, after = [] } of tasks) told.task(1.8, 'ci.pipeline', { name, after })
  told.task(14, 'ci.pipeline', flaky)
  toldTasks(told, tasks)
  told.tell(62, { type: 'step.succeeded', step: 'ci.pipeline', changed: true, durationMs: 60_300 })
  told.tell(62.5, { type: 'run.succeeded', durationMs: 62_500, result: {} })
  return told.events
}

/** All of them, by name. */
export const sampleRuns = {
  ...{ success: successfulRun, failure: failedRun, cancelled: cancelledRun, matrix: matrixRun },
} as const
