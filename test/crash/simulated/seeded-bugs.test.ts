/** The crash tests can fail: each of these mistakes is seen by a few cases in which a sound play has nothing to fear. */
import { beforeAll, expect, test } from 'vitest'
import { longTimeout } from './kill-suite.ts'
import { seededBugs } from './seeded-bugs.ts'
import { caseNames, tryOut } from './seeded-cases.ts'
import { warmUp } from './stories.ts'
import { Tally } from './tally.ts'

beforeAll(warmUp, 60_000)

test('[row 47] without a mistake no case shows anything', { timeout: longTimeout }, async () => {
  for (const name of caseNames) expect({ [name]: await tryOut(name) }).toEqual({ [name]: [] })
})

test.for(Object.entries(seededBugs))(
  '[row 47] it is seen when %s',
  { timeout: longTimeout },
  async ([name, bug]) => {
    const seen: string[] = []
    for (const each of bug.cases) seen.push(...(await tryOut(each, bug)))
    expect(seen).not.toEqual([])
    const tally = new Tally()
    tally.runs = 1
    tally.report([47], name, process.env['CRASH_REPORT'])
  },
)
