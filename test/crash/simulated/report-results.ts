/** Adds up what the test files noted into the file that `CRASH_REPORT` names, once all of them have ended. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { RowResult } from './tally.ts'

/** Vitest's global setup: what it returns runs at the end. */
export function setup(): () => void {
  const path = process.env['CRASH_REPORT'] ?? ''
  if (path === '') return () => undefined
  const lines = `${path}.lines`
  rmSync(lines, { force: true })
  return () => {
    const noted = existsSync(lines) ? readFileSync(lines, 'utf8').trim().split('\n') : []
    const results = noted.map((line) => JSON.parse(line) as RowResult)
    const seed = Number(process.env['CRASH_SEED'] ?? '1')
    const report = {
      seed,
      full: process.env['CRASH_FULL'] === '1',
      total: total(results),
      rows: rowsOf(results),
    }
    writeFileSync(path, `${JSON.stringify(report, undefined, 2)}\n`)
    rmSync(lines, { force: true })
  }
}

type Figures = Omit<RowResult, 'row' | 'test'>

function sum(results: readonly RowResult[]): Figures {
  const of = (key: keyof Figures): number => results.reduce((all, result) => all + result[key], 0)
  return {
    ...{ runs: of('runs'), points: of('points'), leftovers: of('leftovers'), falseEmpty: of('falseEmpty') },
    ...{ compared: of('compared'), resumed: of('resumed'), converged: of('converged') },
    longestMs: Math.max(0, ...results.map(({ longestMs }) => longestMs)),
  }
}

/** Each test once, though it may prove several rows. */
function total(results: readonly RowResult[]): Figures {
  return sum([...new Map(results.map((result) => [result.test, result])).values()])
}

function rowsOf(
  results: readonly RowResult[],
): readonly (Figures & { readonly row: number; readonly tests: readonly string[] })[] {
  const rows = [...new Set(results.map(({ row }) => row))].sort((a, b) => a - b)
  return rows.map((row) => {
    const own = results.filter((result) => result.row === row)
    return { row, ...sum(own), tests: own.map(({ test }) => test) }
  })
}
