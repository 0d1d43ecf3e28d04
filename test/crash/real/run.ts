/**
 * `make crash`: kills play, its engine or its plug-in at points drawn by seed, on the real stack, and looks what is left.
 *
 *   node test/crash/real/run.ts [--points 40] [--seed N] [--only VERB:VICTIM:POINT[:RECOVERY[:DELAY]]]...
 *                               [--component registry] [--report FILE] [--keep] [--program FILE]
 *
 * --keep stops at the first violation and leaves everything as it is then; --program is for the harness's own tests.
 * Ends with 1 on any violation, with 130 after Ctrl-C, and cleans up in both cases.
 */
import { randomInt } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runCampaign } from './campaign.ts'
import { reportDocument, reportLines, summarize } from './crash-report.ts'
import { parseTrial } from './trial.ts'

const { values } = parseArgs({
  options: {
    points: { type: 'string', default: '40' },
    seed: { type: 'string' },
    only: { type: 'string', multiple: true, default: [] },
    component: { type: 'string', default: 'registry' },
    report: { type: 'string' },
    keep: { type: 'boolean', default: false },
    program: { type: 'string' },
  },
})

const positive = (text: string, what: string): number => {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`--${what} takes a number, not "${text}"`)
  return Number(text)
}
const say = (line: string): void => {
  process.stdout.write(`${new Date().toISOString().slice(11, 19)}  ${line}\n`)
}

const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    // Said once: a second one must not stop the cleaning either.
    if (!interrupted.signal.aborted) say('Interrupted: cleaning up what is there')
    interrupted.abort()
  })

// A place of its own for what is temporary, so that the witness need not tell it from other people's.
const temporary = await mkdtemp(join(tmpdir(), 'play-crash-'))
process.env['TMPDIR'] = temporary
const seed = values.seed === undefined ? randomInt(1, 1_000_000) : positive(values.seed, 'seed')
say(`seed ${String(seed)} (again: make crash ARGS="--seed ${String(seed)}")`)
const campaign = await runCampaign({
  points: positive(values.points, 'points'),
  seed,
  only: values.only.map(parseTrial),
  component: values.component,
  keep: values.keep,
  ...(values.program === undefined ? {} : { program: values.program }),
  signal: interrupted.signal,
  say,
})
process.stdout.write(`\n${reportLines(campaign).join('\n')}\n`)
if (values.report !== undefined)
  await writeFile(values.report, `${JSON.stringify(reportDocument(campaign), null, 2)}\n`)
const failed = summarize(campaign).violations > 0
if (interrupted.signal.aborted) process.exitCode = 130
else if (failed) process.exitCode = 1
if (!(failed && values.keep)) await rm(temporary, { recursive: true, force: true })
