import { expect, it } from 'vitest'
import { createEmitter, eventSchemaVersion, type RunEvent } from '../../../src/engine/events.ts'

it('an emitter numbers, stamps and names each event', () => {
  const events: RunEvent[] = []
  let now = Date.UTC(2026, 0, 1, 12)
  const sink = (event: RunEvent): void => void events.push(event)
  const emit = createEmitter({ run: 'run-1', subject: 'demo', now: () => now, sink })

  emit({ type: 'step.started', step: 'a' })
  now += 1500
  emit({ type: 'step.log', step: 'a', line: 'hello' })

  const envelope = { schema: eventSchemaVersion, run: 'run-1', subject: 'demo' }
  expect(events).toEqual([
    { ...envelope, seq: 1, time: '2026-01-01T12:00:00.000Z', type: 'step.started', step: 'a' },
    { ...envelope, seq: 2, time: '2026-01-01T12:00:01.500Z', type: 'step.log', step: 'a', line: 'hello' },
  ])
})
