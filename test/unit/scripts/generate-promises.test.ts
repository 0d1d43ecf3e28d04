/** docs/reference/promises.md says what was promised, what tests it, and what came of it: no more. */
import { describe, expect, it } from 'vitest'
import {
  promisesOnDisk,
  promisesPage,
  readReport,
  rowsIn,
  testsByRow,
  type Promised,
  type Results,
} from '../../../scripts/generate-promises.ts'

const promised = (row: number, more: Partial<Promised> = {}): Promised => ({
  ...{ row, promise: `Promise ${String(row)}`, proof: 'by trying', target: '0 left', tier: 'A' },
  ...more,
})

async function lastResultOf(
  one: Promised,
  results: Results,
  files: readonly string[] = [],
): Promise<string | undefined> {
  const page = await promisesPage([one], new Map(files.map((file) => [one.row, [file]])), results)
  const line = page.split('\n').find((each) => each.startsWith(`| ${String(one.row)} `))
  return line?.split('|').at(-2)?.trim()
}

const run = (passed: number, failed: number, ...figures: readonly string[]): Results => ({
  test: { day: '2026-01-31', rows: { 7: { passed, failed, figures } } },
})

describe('the page of promises', () => {
  it('is fresh (node scripts/generate-promises.ts writes it)', async () => {
    const { stored, fresh } = await promisesOnDisk()
    expect(stored).toBe(fresh)
  })

  it('has every row of the table, once', async () => {
    const { fresh } = await promisesOnDisk()
    const rows = Array.from(fresh.matchAll(/^\| (\d+) /gm), ([, row]) => Number(row))
    expect(rows).toEqual(Array.from({ length: 53 }, (_, index) => index + 1))
  })

  it('names the tests that carry the number of a row', async () => {
    const texts: Record<string, string> = {
      'test/b.test.ts': "test('[row 7] [row 9] holds')",
      'test/a.test.ts': "test('[row 7] holds'); test('[row 7] holds again')",
    }
    const found = testsByRow(Object.keys(texts), (file) => texts[file] ?? '')
    expect(found.get(7)).toEqual(['test/a.test.ts', 'test/b.test.ts'])
    expect(await promisesPage([promised(7)], found, {})).toContain('[a.test.ts](../../test/a.test.ts)')
  })

  it.each([
    ['[row 7] [row 12] x', [7, 12]],
    ['row 7', []],
    ['[row 7] and [row 7]', [7]],
  ])('finds the rows in "%s"', (text, rows) => {
    expect(rowsIn(text)).toEqual(rows)
  })
})

describe('the last result', () => {
  it('counts tests where nothing was measured', async () => {
    expect(await lastResultOf(promised(7), run(3, 0))).toBe('test: 3 tests passed')
  })

  it('tells what was measured', async () => {
    expect(await lastResultOf(promised(7), run(1, 0, '40 kills, 0 left'))).toBe('test: 40 kills, 0 left')
  })

  it('never hides a failure behind a figure', async () => {
    const result = await lastResultOf(promised(7), run(1, 1, '40 kills, 0 left'))
    expect(result).toBe('test: **1 of 2 tests failed**; 40 kills, 0 left')
  })

  it.each([
    [promised(7), [], 'not run: no test carries its number yet'],
    [promised(7), ['test/a.test.ts'], 'not run: no result is stored'],
    [promised(7, { notRun: 'comes later' }), [], 'not run: comes later'],
    [
      promised(7, { tier: 'A, C' }),
      [],
      'not run: no test carries its number yet. not run on DigitalOcean: needs a real account',
    ],
  ])('says why a row did not run', async (one, files, said) => {
    expect(await lastResultOf(one, {}, files)).toBe(said)
  })

  it('says that a row of tier C did not run there', async () => {
    const result = await lastResultOf(promised(7, { tier: 'A, C' }), run(1, 0))
    expect(result).toBe('test: 1 test passed. not run on DigitalOcean: needs a real account')
  })
})

describe('a report', () => {
  const assertion = (fullName: string, status: string, figure?: string): object => ({
    ...{ fullName, status },
    ...(figure === undefined ? {} : { meta: { figure } }),
  })

  it("of vitest is read by the rows in its tests' names", () => {
    const assertionResults = [
      assertion('down [row 7] leaves nothing', 'passed', '12 reads'),
      assertion('down [row 7] [row 9] tells', 'failed'),
      assertion('down [row 9] is left out', 'skipped'),
      assertion('something else', 'passed'),
    ]
    expect(readReport({ testResults: [{ assertionResults }] }, '2026-01-31')).toEqual({
      day: '2026-01-31',
      rows: {
        7: { passed: 1, failed: 1, figures: ['12 reads'] },
        9: { passed: 0, failed: 1, figures: [] },
      },
    })
  })

  it('of the crash harness is read by its promises', () => {
    const document = {
      kind: 'crash',
      promises: { 1: { ok: true, figure: '40 kills' }, 2: { ok: false, figure: '1' } },
    }
    expect(readReport(document, '2026-01-31').rows).toEqual({
      1: { passed: 1, failed: 0, figures: ['40 kills'] },
      2: { passed: 0, failed: 1, figures: ['1'] },
    })
  })

  it('of simulated crashes is read by its figures', () => {
    const figures = { runs: 900, points: 300, leftovers: 0, falseEmpty: 0, resumed: 450, converged: 449 }
    expect(readReport({ seed: 1, rows: [{ row: 1, ...figures }] }, '2026-01-31').rows).toEqual({
      1: {
        ...{ passed: 0, failed: 1 },
        figures: ['900 simulated runs at 300 points: 0 left, 0 false "empty", 449 of 450 resumed'],
      },
    })
  })

  it('of another kind is refused', () => {
    expect(() => readReport({}, '2026-01-31')).toThrow('neither')
  })
})
