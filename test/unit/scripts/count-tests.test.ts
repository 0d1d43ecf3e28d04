/** What CI's closing line says of runs that went well, badly, or not at all. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { closingLine, countStage } from '../../../scripts/count-tests.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'count-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

/** Writes a report as vitest does: one file of tests for each list of outcomes. */
function reportOf(...files: readonly (readonly string[])[]): string {
  const path = join(folder, 'report.json')
  const testResults = files.map((outcomes, index) => ({
    name: `file ${String(index)}`,
    status: outcomes.length === 0 || outcomes.includes('failed') ? 'failed' : 'passed',
    assertionResults: outcomes.map((status) => ({ fullName: `a ${status} test`, status })),
  }))
  writeFileSync(path, JSON.stringify({ testResults }))
  return path
}

describe('the closing line of CI', () => {
  it('adds up passed, failed and skipped tests of all stages', () => {
    const report = reportOf(['passed', 'skipped'], ['passed', 'failed', 'todo'])
    const counts = [
      countStage({ name: 'check', exitCode: 0 }),
      countStage({ name: 'test', exitCode: 1, report }),
    ]
    expect(closingLine(counts)).toBe('3 passed, 1 failed, 2 skipped')
  })

  it('leaves the skipped ones out where there are none', () => {
    expect(closingLine([countStage({ name: 'check', exitCode: 0 })])).toBe('1 passed, 0 failed')
  })

  it('counts a stage without a report by its exit code', () => {
    expect(countStage({ name: 'check', exitCode: 2 })).toEqual({ passed: 0, failed: ['check'], skipped: [] })
  })

  it.each([0, 2])('counts a stage whose report is missing as failed, even with exit code %d', (exitCode) => {
    const stage = { name: 'e2e', exitCode, report: join(folder, 'none.json') }
    expect(countStage(stage).failed).toEqual(['e2e'])
  })

  it('counts a failure that no test explains', () => {
    const stage = { name: 'test', exitCode: 1, report: reportOf(['passed']) }
    expect(countStage(stage)).toEqual({ passed: 1, failed: ['test'], skipped: [] })
  })

  it('counts a file that could not be loaded', () => {
    const stage = { name: 'test', exitCode: 1, report: reportOf([], ['passed']) }
    expect(countStage(stage)).toEqual({ passed: 1, failed: ['file 0'], skipped: [] })
  })
})
