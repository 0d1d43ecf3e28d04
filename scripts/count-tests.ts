/** Adds up what CI ran and prints the closing line: `N passed, N failed`, and what was skipped. */
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

/** One thing that CI ran. */
export interface Stage {
  readonly name: string
  readonly exitCode: number
  /** Path of vitest's JSON report; a stage without one counts as one test. */
  readonly report?: string
}

/** How many tests ended how; the names are those to show a person. */
export interface Count {
  readonly passed: number
  readonly failed: readonly string[]
  readonly skipped: readonly string[]
}

/** The part of vitest's JSON report that is read here. */
interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

function readReport(path: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Report
  } catch {
    return undefined
  }
}

function countReport({ testResults }: Report): Count {
  const tests = testResults.flatMap((file) => file.assertionResults)
  const names = (matches: (status: string) => boolean): string[] =>
    tests.filter(({ status }) => matches(status)).map(({ fullName }) => fullName)
  // A file that could not even be loaded has failed without one failed test.
  const broken = testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'),
  )
  return {
    passed: names((status) => status === 'passed').length,
    failed: [...names((status) => status === 'failed'), ...broken.map((file) => file.name)],
    skipped: names((status) => status !== 'passed' && status !== 'failed'),
  }
}

/** Counts one stage. A failure that no report explains (a build that broke, a missing report) is one failed test. */
export function countStage({ name, exitCode, report }: Stage): Count {
  const read = report === undefined ? undefined : readReport(report)
  if (read === undefined) {
    const ended = exitCode === 0 && report === undefined
    return ended ? { passed: 1, failed: [], skipped: [] } : { passed: 0, failed: [name], skipped: [] }
  }
  const count = countReport(read)
  return exitCode !== 0 && count.failed.length === 0 ? { ...count, failed: [name] } : count
}

/** The closing line, for instance `12 passed, 0 failed, 1 skipped`. */
export function closingLine(counts: readonly Count[]): string {
  const passed = counts.reduce((sum, count) => sum + count.passed, 0)
  const failed = counts.flatMap((count) => count.failed).length
  const skipped = counts.flatMap((count) => count.skipped).length
  return `${String(passed)} passed, ${String(failed)} failed${skipped > 0 ? `, ${String(skipped)} skipped` : ''}`
}

/** `name=code` or `name=code:report`, as .ci/run says it. */
function parseStage(word: string): Stage {
  const [, name = word, code = '1', report] = /^([^=]+)=(\d+)(?::(.+))?$/.exec(word) ?? []
  return { name, exitCode: Number(code), ...(report === undefined ? {} : { report }) }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const counts = process.argv.slice(2).map((word) => countStage(parseStage(word)))
  for (const name of counts.flatMap((count) => count.skipped)) console.log(`skipped: ${name}`)
  for (const name of counts.flatMap((count) => count.failed)) console.log(`failed: ${name}`)
  console.log(closingLine(counts))
  const ran = counts.some((count) => count.passed > 0)
  process.exitCode = ran && counts.every((count) => count.failed.length === 0) ? 0 : 1
}
