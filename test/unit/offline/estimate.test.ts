// The time to go follows the recorded shares and how fast this machine has been so far.
import { describe, expect, it } from 'vitest'
import { roughly, secondsLeft, standingText, withinBudget, type Standing } from '../../../offline/estimate.ts'

const shares = [
  { id: 'a', usualSeconds: 100 },
  { id: 'b', usualSeconds: 200 },
  { id: 'c', usualSeconds: 300 },
]
const standing = (more: Partial<Standing>): Standing => ({
  ...{ shares, finished: new Map<string, number>(), current: 'a', currentSeconds: 0 },
  ...more,
})

describe('the time to go', () => {
  it('is the sum of the shares before anything is known', () => {
    expect(secondsLeft(standing({}))).toBe(600)
  })

  it('is scaled by what the finished ones took', () => {
    expect(secondsLeft(standing({ finished: new Map([['a', 50]]), current: 'b' }))).toBe(250)
  })

  it('counts one that runs late as nearly done', () => {
    expect(
      secondsLeft(
        standing({
          finished: new Map([
            ['a', 100],
            ['b', 200],
          ]),
          current: 'c',
          currentSeconds: 900,
        }),
      ),
    ).toBe(30)
  })

  it('is told with the place and the time so far', () => {
    expect(standingText(standing({ current: 'b' }), 125)).toBe('2 of 3, 2 min so far, about 10 min to go')
  })

  it.each([
    [0.2, '1 s'],
    [89, '89 s'],
    [90, '2 min'],
    [3900, '1 h 5 min'],
  ])('writes %d seconds as %s', (seconds, text) => {
    expect(roughly(seconds)).toBe(text)
  })
})

describe('the time budget', () => {
  it('lets everything start where there is none', () => {
    expect(withinBudget(undefined, 1e9)).toBe(true)
  })

  it('ends at its minute', () => {
    expect([withinBudget(60, 3599), withinBudget(60, 3600), withinBudget(0, 0)]).toEqual([true, false, false])
  })
})
