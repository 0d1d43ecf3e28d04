/** A few crashes on a real cluster in every `make e2e`; `make crash` is the long run of the same. */
import { writeFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { runCampaign, type Campaign } from './campaign.ts'
import { reportDocument, reportLines, summarize } from './crash-report.ts'

const points = 6
/** The same kills each time, unless told: `make crash` is there to find new ones. */
const seed = Number(process.env['CRASH_SEED'] ?? '1')
let campaign: Campaign

beforeAll(async () => {
  const say = (line: string): void => {
    process.stderr.write(`${line}\n`)
  }
  say(`crash seed ${String(seed)} (again: CRASH_SEED=${String(seed)})`)
  campaign = await runCampaign({
    ...{ points, seed, only: [], component: 'registry', keep: false, say },
    signal: new AbortController().signal,
  })
  say(reportLines(campaign).join('\n'))
  const report = process.env['CRASH_REPORT']
  if (report !== undefined) await writeFile(report, JSON.stringify(reportDocument(campaign), null, 2))
}, 45 * 60_000)

describe(`${String(points)} kills of play, its engine and its plug-in`, () => {
  test('hit somebody, and nothing beside them went wrong', () => {
    expect(campaign.troubles).toEqual([])
    expect(summarize(campaign).run).toBe(points)
  })

  test('[row 1] [row 2] [row 53] leave nothing once down has been run', () => {
    expect(campaign.outcomes.flatMap(({ leftovers }) => leftovers)).toEqual([])
  })

  test('[row 26] [row 50] never end in a certificate that the independent look refutes', () => {
    expect(summarize(campaign).falseEmpty).toBe(0)
  })

  test('are gone on with by a second up', () => {
    const { resumes, converged } = summarize(campaign)
    expect(converged).toBe(resumes)
  })

  test('are followed by exit codes that tell the truth', () => {
    expect(campaign.outcomes.flatMap(({ violations }) => violations)).toEqual([])
  })

  test('[row 52] can each be repeated by one line', () => {
    for (const line of reportLines(campaign).filter((each) => each.startsWith('violation')))
      expect(line).toMatch(/make crash ARGS="--only \S+"/)
  })
})
