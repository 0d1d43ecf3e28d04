/** Writes docs/reference/promises.md: each promise with the tests that carry its number and what they last came to. */
//
//   node scripts/generate-promises.ts test=unit.json e2e=e2e.json crash=crash.json simulated=simulated.json
//
// The promises are in docs/reference/promises.json. `NAME=FILE` takes results over into promises-results.json: vitest's
// JSON report, that of the simulated crashes, or any JSON with `promises`: by row, `{ "ok": true, "figure": "40 kills,
// 0 left" }`, as `make crash` writes it. `--check` only says whether the page is fresh.
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { format } from 'prettier'

const root = join(import.meta.dirname, '..')
const folder = join(root, 'docs', 'reference')
const madeBy = '<!-- Written by scripts/generate-promises.ts. Do not edit. -->'

/** A row of the table of promises. */
export interface Promised {
  readonly row: number
  readonly promise: string
  readonly proof: string
  /** The figure that is aimed at. */
  readonly target: string
  /** Of A (hermetic), B (a real cluster), C (a real DigitalOcean account). */
  readonly tier: string
  /** Why nothing ran, where that is known beforehand. */
  readonly notRun?: string
}

/** What the tests of one row came to in one run. */
export interface RowResult {
  readonly passed: number
  readonly failed: number
  readonly figures: readonly string[]
}

/** What one run came to, by row. */
export interface RunResult {
  /** Day, as in 2026-01-31. */
  readonly day: string
  readonly rows: Readonly<Record<string, RowResult>>
}

/** The last run of each kind: unit tests, tests on a cluster, crashes. */
export type Results = Readonly<Record<string, RunResult>>

/** Rows that a name of a test or a line of code carries, as `[row 7]`. */
export function rowsIn(text: string): number[] {
  return [...new Set(Array.from(text.matchAll(/\[row (\d+)\]/g), ([, row]) => Number(row)))]
}

/** Files of tests by the rows they carry, sorted; `read` answers the text of a file. */
export function testsByRow(
  files: readonly string[],
  read: (file: string) => string,
): ReadonlyMap<number, readonly string[]> {
  const found = new Map<number, string[]>()
  for (const file of [...files].sort())
    for (const row of rowsIn(read(file))) found.set(row, [...(found.get(row) ?? []), file])
  return found
}

/** The part of vitest's JSON report that is read here; `meta.figure` is what a test has measured. */
interface VitestReport {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly meta?: { readonly figure?: unknown }
    }[]
  }[]
}

/** Any other report. */
interface PromiseReport {
  readonly promises: Readonly<Record<string, { readonly ok: boolean; readonly figure: string }>>
}

/** What the simulated crashes write (test/crash/simulated/report-results.ts). */
interface SimulatedReport {
  readonly rows: readonly {
    readonly row: number
    readonly runs: number
    readonly points: number
    readonly leftovers: number
    readonly falseEmpty: number
    readonly resumed: number
    readonly converged: number
  }[]
}

function promisesOf({ rows }: SimulatedReport): PromiseReport['promises'] {
  const entries = rows.map(({ row, runs, points, leftovers, falseEmpty, resumed, converged }) => {
    const where = points > 0 ? ` at ${String(points)} points` : ''
    const came = `${String(leftovers)} left, ${String(falseEmpty)} false "empty"`
    const resumes = resumed > 0 ? `, ${String(converged)} of ${String(resumed)} resumed` : ''
    const ok = leftovers === 0 && falseEmpty === 0 && converged === resumed
    return [row, { ok, figure: `${String(runs)} simulated runs${where}: ${came}${resumes}` }]
  })
  return Object.fromEntries(entries) as PromiseReport['promises']
}

/** What a report says on rows. Throws for one of no known kind. */
export function readReport(document: unknown, day: string): RunResult {
  const { rows: simulated, ...others } = document as Partial<VitestReport & PromiseReport & SimulatedReport>
  const report: Partial<VitestReport & PromiseReport> =
    simulated === undefined ? others : { promises: promisesOf({ rows: simulated }) }
  if (report.promises !== undefined) {
    const rows = Object.entries(report.promises).map(([row, { ok, figure }]) => [
      row,
      { passed: ok ? 1 : 0, failed: ok ? 0 : 1, figures: [figure] },
    ])
    return { day, rows: Object.fromEntries(rows) as RunResult['rows'] }
  }
  if (report.testResults !== undefined) return { day, rows: rowsOfTests(report.testResults) }
  throw new Error('neither a report of vitest, nor one with promises, nor one of simulated crashes')
}

function rowsOfTests(testResults: VitestReport['testResults']): RunResult['rows'] {
  const rows: Record<string, RowResult> = {}
  for (const { fullName, status, meta } of testResults.flatMap((file) => file.assertionResults)) {
    // A test that was left out says nothing.
    if (status !== 'passed' && status !== 'failed') continue
    for (const row of rowsIn(fullName)) {
      const { passed, failed, figures } = rows[row] ?? { passed: 0, failed: 0, figures: [] }
      rows[row] = {
        passed: passed + (status === 'passed' ? 1 : 0),
        failed: failed + (status === 'failed' ? 1 : 0),
        figures: typeof meta?.figure === 'string' ? [...figures, meta.figure] : figures,
      }
    }
  }
  return rows
}

const tests = (count: number): string => `${String(count)} ${count === 1 ? 'test' : 'tests'}`

function resultOf(kind: string, { passed, failed, figures }: RowResult): string {
  const verdict =
    failed > 0 ? `**${String(failed)} of ${tests(passed + failed)} failed**` : `${tests(passed)} passed`
  return `${kind}: ${figures.length === 0 || failed > 0 ? [verdict, ...figures].join('; ') : figures.join('; ')}`
}

/** What ran and what came of it; or why nothing did. */
function figureOf({ row, tier, notRun }: Promised, hasTests: boolean, results: Results): string {
  const ran = Object.entries(results).flatMap(([kind, run]) => {
    const result = run.rows[String(row)]
    return result === undefined ? [] : [resultOf(kind, result)]
  })
  const cloud = tier.includes('C') ? ['not run on DigitalOcean: needs a real account'] : []
  if (ran.length > 0) return [...ran, ...cloud].join('. ')
  const why = notRun ?? (hasTests ? 'no result is stored' : 'no test carries its number yet')
  return [`not run: ${why}`, ...(notRun?.includes('DigitalOcean') ? [] : cloud)].join('. ')
}

function tableOf(rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
  const [header = [], ...others] = rows
  return [line(header), line(header.map(() => '---')), ...others.map(line)].join('\n')
}

/** The page, formatted as `make check` wants it. */
export function promisesPage(
  promises: readonly Promised[],
  files: ReadonlyMap<number, readonly string[]>,
  results: Results,
): Promise<string> {
  const link = (file: string): string => `[${file.replace(/^test\//, '')}](../../${file})`
  const rows = promises.map((promised) => {
    const { row, promise, target, tier } = promised
    const found = files.get(row) ?? []
    const figure = figureOf(promised, found.length > 0, results)
    return [String(row), promise, target, tier, found.map(link).join(', '), figure]
  })
  const days = Object.entries(results).map(([kind, { day }]) => `${kind} (${day})`)
  const text = [
    madeBy,
    '# Promises',
    'What play promises, how it is tested, and what the tests last came to. A row that did not run is reported as not run, never as passed. Tier A runs everywhere, B needs a real container engine and C a real DigitalOcean account.',
    `Results are from: ${days.length === 0 ? 'no run yet' : days.join(', ')}.`,
    // Else every row would be as wide as the widest, and change with it.
    tableOf([['#', 'promise', 'aim', 'tier', 'tests', 'last result'], ...rows]),
  ]
  return format(`${text.join('\n\n')}\n`, { parser: 'markdown' })
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

/** The results that are stored. */
function storedResults(): Results {
  return JSON.parse(read(join(folder, 'promises-results.json')) || '{}') as Results
}

/** The page as it is on disk, and as it has to be by the tests and results that there are. */
export async function promisesOnDisk(
  results: Results = storedResults(),
): Promise<{ readonly stored: string; readonly fresh: string }> {
  const promises = JSON.parse(read(join(folder, 'promises.json'))) as readonly Promised[]
  // The generator's own tests speak of rows that they do not prove.
  const files = globSync('test/**/*.{test,contract}.ts', { cwd: root }).filter(
    (file) => !file.includes('node_modules') && !file.endsWith('generate-promises.test.ts'),
  )
  const found = testsByRow(files, (file) => read(join(root, file)))
  return {
    stored: read(join(folder, 'promises.md')),
    fresh: await promisesPage(promises, found, results),
  }
}

function takenOver(words: readonly string[]): Results {
  const day = new Date().toISOString().slice(0, 10)
  const given = words.map((word) => {
    const [, kind, file] = /^([a-z]+)=(.+)$/.exec(word) ?? []
    if (kind === undefined || file === undefined) throw new Error(`"${word}" is not NAME=FILE`)
    return [kind, readReport(JSON.parse(readFileSync(file, 'utf8')), day)] as const
  })
  return { ...storedResults(), ...Object.fromEntries(given) }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { check: { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  const results = takenOver(positionals)
  const { stored, fresh } = await promisesOnDisk(results)
  if (values.check) {
    if (stored === fresh) return
    console.error('docs/reference/promises.md is stale. Run: node scripts/generate-promises.ts')
    process.exitCode = 1
    return
  }
  const json = await format(JSON.stringify(results), { parser: 'json', printWidth: 110 })
  writeFileSync(join(folder, 'promises-results.json'), json)
  writeFileSync(join(folder, 'promises.md'), fresh)
}

if (import.meta.main) await main()
