import { expect, it } from 'vitest'
import { timeAxis } from '../../../../src/ui/report/time-axis.ts'

it.each([
  [0, ['0', '0.1s']],
  [900, ['0', '0.2s', '0.4s', '0.6s', '0.8s']],
  [12_700, ['0', '2s', '4s', '6s', '8s', '10s', '12s']],
  [37_000, ['0', '5s', '10s', '15s', '20s', '25s', '30s', '35s']],
  [200_000, ['0', '30s', '1m', '1m30s', '2m', '2m30s', '3m']],
  [3_600_000 * 5, ['0', '1h', '2h', '3h', '4h', '5h']],
])('an axis of %d ms has round ticks', (durationMs, labels) => {
  expect(timeAxis(durationMs).ticks.map(({ label }) => label)).toEqual(labels)
})

it.each([1, 999, 61_000, 7_777_777, 1e9, 1e12])(
  'an axis of %d ms has at most nine ticks, none beyond it',
  (durationMs) => {
    const { ticks, end } = timeAxis(durationMs)

    expect(ticks.length).toBeLessThanOrEqual(9)
    expect(ticks.every(({ at }) => at <= end)).toBe(true)
  },
)
