import { readFile } from 'node:fs/promises'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { generateEventSchema } from '../../../scripts/generate-schemas.ts'
import type { EventBody } from '../../../src/engine/events.ts'
import { runNames, runs } from '../../fixtures/runs/runs.ts'

const file = new URL('../../../assets/schemas/events.schema.json', import.meta.url)
const envelope = { schema: 1, seq: 1, time: '2026-01-01T00:00:00.000Z', run: 'run-1', subject: 'demo' }
const error = {
  id: 'KIND_FAILED',
  exitCode: 5,
  message: 'no',
  suggestions: ['play doctor'],
  details: ['a line'],
}

/** One of each type, with every optional field. */
const samples: { readonly [Type in EventBody['type']]: Extract<EventBody, { type: Type }> } = {
  'run.started': { type: 'run.started', tool: 'play 0.1.0', command: 'up' },
  'plan.ready': { type: 'plan.ready', steps: [{ id: 'a', title: 'A', section: 'One', after: ['b'] }] },
  'step.started': { type: 'step.started', step: 'a' },
  'step.progress': { type: 'step.progress', step: 'a', text: 'half way', fraction: 0.5 },
  'step.log': { type: 'step.log', step: 'a', line: 'hello', source: 'kind', task: 'build.test' },
  'step.task': {
    type: 'step.task',
    step: 'a',
    task: 'build.test',
    after: ['build.clone'],
    phase: 'failed',
    message: 'exit code 1',
    pod: 'ci-build',
    createdAt: '2026-01-01T00:00:00Z',
    startedAt: '2026-01-01T00:00:01Z',
    finishedAt: '2026-01-01T00:00:02Z',
  },
  'step.retrying': { type: 'step.retrying', step: 'a', attempt: 2, delayMs: 1000, reason: 'busy' },
  'step.succeeded': { type: 'step.succeeded', step: 'a', changed: true, durationMs: 1, detail: 'done' },
  'step.failed': { type: 'step.failed', step: 'a', durationMs: 1, error },
  'step.skipped': { type: 'step.skipped', step: 'a', reason: 'would run' },
  'step.cancelled': { type: 'step.cancelled', step: 'a', durationMs: 1 },
  warning: { type: 'warning', id: 'DISK_FULL', text: 'nearly full' },
  'run.succeeded': { type: 'run.succeeded', durationMs: 1, result: { any: ['thing', null] } },
  'run.failed': { type: 'run.failed', durationMs: 1, error },
  'run.cancelled': { type: 'run.cancelled', durationMs: 1, resume: ['play up'] },
}

let text = ''
let valid: (event: unknown) => boolean

beforeAll(async () => {
  text = await readFile(file, 'utf8')
  const ajv = new Ajv2020({ strict: true })
  const check = ajv.compile(JSON.parse(text) as object)
  valid = (event) => check(event)
})

describe('the schema of events', () => {
  it('is what the types say; otherwise run: node scripts/generate-schemas.ts', async () => {
    expect(text).toBe(await generateEventSchema())
  }, 60_000)

  it('knows exactly the types of events that there are', () => {
    const { oneOf } = JSON.parse(text) as { oneOf: { properties: { type: { const: string } } }[] }

    expect(oneOf.map((one) => one.properties.type.const).sort()).toEqual(Object.keys(samples).sort())
  })

  it.each(Object.values(samples))(
    'accepts $type, and refuses it without a field or with one more',
    (body) => {
      const event: Record<string, unknown> = { ...envelope, ...body }

      expect(valid(event)).toBe(true)
      expect(valid({ ...event, secret: 'x' })).toBe(false)
      for (const field of ['schema', 'seq', 'time', 'run', 'subject', 'type']) {
        expect(valid(Object.fromEntries(Object.entries(event).filter(([name]) => name !== field)))).toBe(
          false,
        )
      }
    },
  )

  it('refuses another version, an unknown type, and an error that lost its advice', () => {
    expect(valid({ ...envelope, ...samples['step.started'], schema: 2 })).toBe(false)
    expect(valid({ ...envelope, type: 'step.exploded', step: 'a' })).toBe(false)
    expect(
      valid({ ...envelope, ...samples['run.failed'], error: { ...error, suggestions: undefined } }),
    ).toBe(false)
  })

  it.each(runNames)('accepts every event of a real run: %s', async (name) => {
    for (const event of await runs[name]()) expect(valid(JSON.parse(JSON.stringify(event)))).toBe(true)
  })
})
