import { describe, expect, test } from 'vitest'
import { delaysOf, taskEnds, watchingShare } from '../../../bench/demos.ts'
import type { StampedLine } from '../../../bench/measure.ts'
import { eventSchemaVersion, type EventBody, type TaskPhase } from '../../../src/engine/events.ts'
import { createPlainRenderer } from '../../../src/ui/plain-renderer.ts'

/** A change of a pod as the API of a real cluster streams it, less what is of no use here. */
function change(
  at: number,
  pod: string,
  ended: readonly string[] | undefined,
  type = 'MODIFIED',
): StampedLine {
  const containers = { build: ['clone', 'lint', 'main', 'test', 'wait'], promote: ['main', 'smoke', 'wait'] }
  const [workflow = '', template = ''] = pod.split('.')
  const terminated = { exitCode: 0, reason: 'Completed', finishedAt: '2026-11-22T19:22:06Z' }
  const running = { startedAt: '2026-11-22T19:22:03Z' }
  const object = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${workflow}-${template}-1284027994`,
      uid: pod,
      annotations: {
        'kubectl.kubernetes.io/default-container': 'main',
        'workflows.argoproj.io/node-id': `${workflow}-1284027994`,
        'workflows.argoproj.io/node-name': pod,
      },
      labels: {
        'workflows.argoproj.io/completed': 'false',
        'workflows.argoproj.io/workflow': workflow,
      },
    },
    status:
      ended === undefined
        ? { phase: 'Pending' }
        : {
            phase: 'Running',
            containerStatuses: containers[template as 'build' | 'promote'].map((name) => ({
              name,
              state: ended.includes(name) ? { terminated } : { running },
            })),
          },
  }
  return { at, text: JSON.stringify({ type, object }) }
}

const changes = [
  change(1, 'ci-old11.build', ['clone', 'lint', 'main', 'test', 'wait'], 'ADDED'),
  change(1000, 'ci-ct5jl.build', undefined, 'ADDED'),
  change(1010, 'ci-old11.build', ['clone', 'lint', 'main', 'test', 'wait'], 'DELETED'),
  change(2000, 'ci-ct5jl.build', []),
  change(3000, 'ci-ct5jl.build', ['clone']),
  change(4000, 'ci-ct5jl.build', ['clone', 'lint', 'test']),
  change(5000, 'ci-ct5jl.build', ['clone', 'lint', 'test', 'main']),
  change(5500, 'ci-ct5jl.build', ['clone', 'lint', 'test', 'main', 'wait']),
  change(6000, 'ci-ct5jl.promote', undefined, 'ADDED'),
  change(7000, 'ci-ct5jl.promote', ['smoke']),
  change(8000, 'ci-ct5jl.promote', ['smoke', 'main']),
]

/** What play itself prints of these events, stamped with their times. */
function plainLines(events: readonly (readonly [number, EventBody])[]): readonly StampedLine[] {
  const lines: StampedLine[] = []
  let at = 0
  const renderer = createPlainRenderer({
    color: true,
    write: (text) => lines.push({ at, text: text.trimEnd() }),
  })
  for (const [index, [now, body]] of events.entries()) {
    at = now
    const time = new Date(now).toISOString()
    renderer.onEvent({
      schema: eventSchemaVersion,
      seq: index + 1,
      time,
      run: 'r',
      subject: 'bench',
      ...body,
    })
  }
  return lines
}

function task(name: string, phase: TaskPhase): EventBody {
  return {
    ...{ type: 'step.task', step: 'demo.pipeline', task: name, after: [], phase, message: '' },
    ...(phase === 'waiting' ? {} : { startedAt: '1970-01-01T00:00:02Z' }),
  }
}

const names = ['build.clone', 'build.lint', 'build.test', 'build', 'promote.smoke', 'promote']

const lines = plainLines([
  [0, { type: 'run.started', tool: 'play', command: 'play demo ci bench' }],
  [500, { type: 'step.started', step: 'demo.pipeline' }],
  [600, { type: 'step.succeeded', step: 'source', changed: true, durationMs: 100 }],
  ...names.map((name): [number, EventBody] => [1000, task(name, 'waiting')]),
  [2010, task('build.clone', 'running')],
  [2500, { type: 'step.log', step: 'demo.pipeline', task: 'build.clone', line: 'HEAD is now at 1' }],
  [3050, task('build.clone', 'succeeded')],
  [3050, task('build.lint', 'running')],
  [3050, task('build.test', 'running')],
  // Before somebody else was told.
  [3990, task('build.lint', 'succeeded')],
  [4020, task('build.test', 'succeeded')],
  [5007, task('build', 'succeeded')],
  [7150, task('promote.smoke', 'succeeded')],
])

describe('the ends of tasks', () => {
  test('are those of the containers that end while their pods are watched', () => {
    expect(taskEnds(changes)).toEqual([
      { task: 'build.clone', at: 3000 },
      { task: 'build.lint', at: 4000 },
      { task: 'build.test', at: 4000 },
      { task: 'build', at: 5000 },
      { task: 'promote.smoke', at: 7000 },
      { task: 'promote', at: 8000 },
    ])
  })

  test('are not those of pods that are no pipeline’s, nor of errors', () => {
    const state = { terminated: { exitCode: 0 } }
    const web = (containers: readonly object[]): object => ({
      metadata: { name: 'web-6bc6f7ffd9-97q7h', uid: 'web', labels: { app: 'web' } },
      status: { containerStatuses: containers },
    })
    const seen = [
      { type: 'ADDED', object: web([]) },
      { type: 'MODIFIED', object: web([{ name: 'main', state }]) },
      { type: 'ERROR', object: { kind: 'Status', code: 410 } },
    ]
    expect(taskEnds(seen.map((each, at) => ({ at, text: JSON.stringify(each) })))).toEqual([])
  })
})

describe('how late the lines are that play prints', () => {
  test('is told of each end, and never less than nothing', () => {
    // Nothing is told of the end of `promote` until the run has ended.
    expect(delaysOf(lines, taskEnds(changes), 9000)).toEqual([50, 0, 20, 7, 150, 1000])
  })

  test('is told by lines without the symbols of a modern terminal as well', () => {
    const plain = [
      { at: 8, text: '  12s    > clone' },
      { at: 12, text: '1m05s    + clone (1s)' },
    ]
    expect(delaysOf(plain, [{ task: 'build.clone', at: 10 }], 99)).toEqual([2])
  })

  test('is not told by a step that is called like a task', () => {
    expect(delaysOf([{ at: 1, text: '   3s  ✔ build' }], [{ task: 'build', at: 0 }], 99)).toEqual([99])
  })
})

describe('what watching costs', () => {
  test('is the processor time from the first line about a task on', () => {
    const cpu = [0, 1900, 2100, 5000, 12_100].map((at) => ({ at, cpuMs: at < 2000 ? at : 2000 + at / 20 }))
    expect(watchingShare({ lines, cpu })).toBeCloseTo(0.05)
  })

  test('cannot be told without such a line or without samples', () => {
    expect(watchingShare({ lines: [], cpu: [{ at: 1, cpuMs: 1 }] })).toBeNaN()
    expect(watchingShare({ lines, cpu: [] })).toBeNaN()
    expect(watchingShare({ lines, cpu: [{ at: 3000, cpuMs: 1 }] })).toBeNaN()
  })
})
