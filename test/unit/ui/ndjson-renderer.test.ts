import { expect, it } from 'vitest'
import { createNdjsonRenderer } from '../../../src/ui/ndjson-renderer.ts'
import { fanOut } from '../../../src/ui/renderer.ts'
import { runNames, runs } from '../../fixtures/runs/runs.ts'

it.each(runNames)('%s: every event is one line of JSON, as it was, in order', async (name) => {
  const written: string[] = []
  const renderer = createNdjsonRenderer({ write: (text) => void written.push(text) })
  const events = await runs[name]()

  for (const event of events) renderer.onEvent(event)
  await renderer.close()

  const lines = written.join('').split('\n')
  expect(lines.pop()).toBe('')
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(events)
})

it('a fan-out hands each event to every sink, in order', async () => {
  const seen: string[] = []
  const [first] = await runs.success()
  const sink = fanOut([() => void seen.push('a'), () => void seen.push('b')])

  if (first) sink(first)

  expect(seen).toEqual(['a', 'b'])
})
