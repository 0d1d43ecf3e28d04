import { describe, expect, it } from 'vitest'
import type { EventBody, RunEvent } from '../../../../src/engine/events.ts'
import { reportModel } from '../../../../src/ui/report/make-report.ts'
import type { TimelineRow } from '../../../../src/ui/report/report-model.ts'
import { reportPage } from '../../../../src/ui/report/report-page.ts'
import { cancelledRun, facts, failedRun, matrixRun, sampleRuns, successfulRun } from './sample-runs.ts'

const context = { facts, version: '0.1.0' }

function runOf(...bodies: readonly EventBody[]): RunEvent[] {
  return bodies.map((body, index) => ({
    ...{ schema: 1, seq: index + 1, time: new Date(index * 1000).toISOString(), run: 'r', subject: 's' },
    ...body,
  }))
}

function rowOf(events: readonly RunEvent[], name: string, kind: TimelineRow['kind'] = 'task'): TimelineRow {
  const row = reportModel(events, context).rows.find((one) => one.name === name && one.kind === kind)
  if (!row) throw new Error(`no row ${name}`)
  return row
}

describe('the report of', () => {
  it.each(['success', 'failure', 'cancelled'] as const)(
    'a run with %s tells what it should',
    async (name) => {
      const model = reportModel(sampleRuns[name](), context)

      await expect(`${JSON.stringify(model, undefined, 1)}\n`).toMatchFileSnapshot(`golden/model-${name}.txt`)
    },
  )
})

describe('the waterfall', () => {
  it('tells a task to wait from the end of the last one before it, not from when its pod was made', () => {
    const push = rowOf(successfulRun(), 'push')

    expect(push.waiting).toEqual({ from: 23_900, to: 23_900 })
    expect(push.running).toEqual({ from: 23_900, to: 24_900 })
  })

  it('has one bar for a pod that several tasks share', () => {
    const pod = rowOf(successfulRun(), 'ci-7f2xk-build-2417098', 'pod')

    expect(pod).toMatchObject({ note: '2 tasks in it', running: { from: 13_900, to: 24_900 } })
  })

  it('shows what still waits or runs when the run ends up to that end', () => {
    expect(rowOf(cancelledRun(), 'build')).toMatchObject({ state: 'unfinished', running: { to: 19_000 } })
    expect(rowOf(cancelledRun(), 'scan')).toMatchObject({
      ...{ state: 'never', running: undefined, waiting: { from: 11_900, to: 19_000 } },
    })
  })

  it('keeps the pod of an earlier try', () => {
    const pod = rowOf(matrixRun(), 'ci-7f2xk-test-linux-node-19-0000001', 'pod')

    expect(pod).toMatchObject({ state: 'failed', note: 'an earlier try' })
  })

  it('has no bar for what was skipped', () => {
    expect(rowOf(failedRun(), 'smoke')).toMatchObject({ waiting: undefined, running: undefined })
  })
})

describe('logs', () => {
  const step: EventBody = {
    type: 'step.task',
    step: 'a',
    task: 't',
    after: [],
    phase: 'running',
    message: '',
  }
  const line = (text: string): EventBody => ({ type: 'step.log', step: 'a', task: 't', line: text })

  it('keep the last 2,000 lines of a task and tell how many there were before', () => {
    const lines = Array.from({ length: 2345 }, (_, index) => line(`line ${String(index)}`))

    const [log] = reportModel(runOf(step, ...lines), context).logs

    expect(log).toMatchObject({ dropped: 345 })
    expect([log?.lines[0], log?.lines.length]).toEqual(['line 345', 2000])
  })

  it('hold neither escape sequences nor control characters nor lines without end', () => {
    const hostile = [
      '\u001B[31mred\u001B[0m',
      'half\u0007\u0000',
      'a\u202Eb',
      'x'.repeat(1_000_000),
      '\uD800',
    ]

    const [log] = reportModel(runOf(step, ...hostile.map(line)), context).logs

    expect(log?.lines.map((one) => one.slice(0, 10))).toEqual(['red', 'half', 'ab', 'xxxxxxxxxx', '\uFFFD'])
    expect(log?.lines[3]?.length).toBeLessThan(5000)
  })
})

describe('odd runs', () => {
  it('make a page, too: nothing at all, events in reverse, an end without a beginning', () => {
    const odd = [[], successfulRun().reverse(), failedRun().slice(-1), cancelledRun().slice(3, 9)]

    for (const events of odd) expect(reportPage(reportModel(events, context))).toContain('</html>')
  })

  it('make a page where fields are missing', () => {
    for (const run of Object.values(sampleRuns))
      for (const field of [
        'time',
        'step',
        'task',
        'after',
        'message',
        'line',
        'error',
        'result',
        'steps',
        'pod',
      ]) {
        const events = run().map((event): RunEvent => ({ ...event, [field]: undefined }))
        const model = reportModel(events, { facts: undefined, version: '0.1.0' })
        expect(reportPage(model)).toContain('</html>')
      }
  })
})
