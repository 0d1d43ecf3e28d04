/** Many crashes in a row, each in a sandbox of its own, and what they came to altogether. */
import { seeded } from '../../fakes/seeded.ts'
import { openCrashSandbox, type CrashSandbox } from './crash-sandbox.ts'
import { countPoints, describeRecovery, performTrial, type Outcome } from './perform.ts'
import { drawTrials, formatTrial, type Counts, type Trial } from './trial.ts'

/** What a campaign is asked for. */
export interface CampaignOptions {
  /** How many kills are to count. */
  readonly points: number
  readonly seed: number
  /** Exactly these instead of drawn ones. */
  readonly only: readonly Trial[]
  /** The component that is added. */
  readonly component: string
  /** Stops at the first violation and leaves everything as it is then, for a person to look at. */
  readonly keep: boolean
  /** What is crashed instead of the built CLI: the harness's own tests have something. */
  readonly program?: string
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/** What it came to. */
export interface Campaign {
  readonly seed: number
  /** ISO 8601 instant. */
  readonly startedAt: string
  readonly durationMs: number
  /** Of the undisturbed runs; absent where trials were given. */
  readonly counts?: Counts
  readonly outcomes: readonly Outcome[]
  /** Trials that could not be performed, and what could not be cleaned up afterwards. */
  readonly troubles: readonly string[]
}

/** Of kills that hit nobody, so many in a row for each that does are put up with. */
const attemptsPerPoint = 3

class Runner {
  readonly outcomes: Outcome[] = []
  readonly troubles: string[] = []
  private readonly options: CampaignOptions
  private sandboxes = 0

  constructor(options: CampaignOptions) {
    this.options = options
  }

  get counted(): number {
    return this.outcomes.filter(({ kill }) => typeof kill !== 'string').length
  }

  get failures(): number {
    return this.troubles.length + this.outcomes.filter(({ violations }) => violations.length > 0).length
  }

  get goesOn(): boolean {
    const { signal, keep } = this.options
    return !signal.aborted && !(keep && this.failures > 0)
  }

  /** Opens a sandbox for `work` and cleans it up, whatever happens, but for `keep`. */
  async inSandbox<T>(what: string, work: (sandbox: CrashSandbox) => Promise<T>): Promise<T | undefined> {
    const { signal, keep, program, say } = this.options
    this.sandboxes += 1
    const sandbox = await openCrashSandbox(`crash-${String(this.sandboxes)}`, signal, program)
    let clean = false
    try {
      const failedBefore = this.failures
      const result = await work(sandbox)
      clean = this.failures === failedBefore
      return result
    } catch (error) {
      if (!signal.aborted) this.trouble(`${what}: ${messageOf(error)}`)
      return undefined
    } finally {
      if (keep && this.failures > 0 && !signal.aborted) say(`Left as it is: ${sandbox.folder}`)
      else await this.cleanUp(sandbox, clean)
    }
  }

  async trial(trial: Trial, number: string): Promise<void> {
    const { component, say } = this.options
    const outcome = await this.inSandbox(formatTrial(trial), async (sandbox) => {
      const performed = await performTrial(sandbox, trial, component)
      this.outcomes.push(performed)
      return performed
    })
    if (outcome !== undefined) say(`${number} ${progressLine(outcome)}`)
    for (const violation of outcome?.violations ?? []) say(`    ${violation}`)
    if ((outcome?.violations.length ?? 0) > 0) say(`    again: ${againLine(trial)}`)
  }

  trouble(text: string): void {
    this.troubles.push(text)
    this.options.say(`    ${text}`)
  }

  private async cleanUp(sandbox: CrashSandbox, isClean: boolean): Promise<void> {
    try {
      // After an ordinary trial the witness has just found nothing.
      const left = isClean ? [] : await sandbox.clean()
      for (const finding of left) this.trouble(`could not be cleaned up: ${finding}`)
    } catch (error) {
      this.trouble(`could not be cleaned up: ${messageOf(error)}`)
    } finally {
      await sandbox.close()
    }
  }
}

/** Performs the campaign. An abort ends it in order: what runs is killed and cleaned up, and the rest reported. */
export async function runCampaign(options: CampaignOptions): Promise<Campaign> {
  const started = performance.now()
  const startedAt = new Date().toISOString()
  const runner = new Runner(options)
  const counts = options.only.length === 0 ? await runDrawn(runner, options) : undefined
  await runGiven(runner, options)
  return {
    seed: options.seed,
    startedAt,
    durationMs: Math.round(performance.now() - started),
    ...(counts === undefined ? {} : { counts }),
    outcomes: runner.outcomes,
    troubles: runner.troubles,
  }
}

async function runGiven(runner: Runner, { only }: CampaignOptions): Promise<void> {
  for (const [index, trial] of only.entries())
    if (runner.goesOn) await runner.trial(trial, `${String(index + 1)}/${String(only.length)}`)
}

async function runDrawn(runner: Runner, options: CampaignOptions): Promise<Counts | undefined> {
  const { points, seed, component, say } = options
  const counts = await runner.inSandbox('counting', (sandbox) => countPoints(sandbox, component))
  if (counts === undefined) return undefined
  say(countLine(counts))
  const trials = drawTrials(counts, seeded(seed))
  for (let tries = 0; runner.goesOn && runner.counted < points; tries += 1) {
    if (tries === points * attemptsPerPoint) {
      runner.trouble(`only ${String(runner.counted)} of ${String(points)} kills hit anybody`)
      break
    }
    await runner.trial(trials.next().value, `${String(runner.counted + 1)}/${String(points)}`)
  }
  return counts
}

/** One line to run a trial again. */
export function againLine(trial: Trial): string {
  return `make crash ARGS="--only ${formatTrial(trial)}"`
}

function countLine(counts: Counts): string {
  const parts = Object.entries(counts).map(([verb, { points, lives }]) => {
    const lived = Object.entries(lives).map(([who, { ms }]) => `${who} ${(ms / 1000).toFixed(1)} s`)
    return `${verb} ${String(points)}${lived.length === 0 ? '' : ` (${lived.join(', ')})`}`
  })
  return `Points of undisturbed runs: ${parts.join('; ')}`
}

function progressLine({ trial, kill, recoveryMs, violations }: Outcome): string {
  const who = `${trial.verb.padEnd(4)} ${trial.victim.padEnd(6)}`
  if (typeof kill === 'string') return `${who} point ${String(trial.point)}: ${kill}, does not count`
  const end = violations.length === 0 ? 'ok' : 'VIOLATION'
  const seconds = `${(recoveryMs / 1000).toFixed(1)} s`
  return `${who} point ${String(kill.point)} (${kill.name}) -> ${describeRecovery(trial.recovery)}: ${end}, ${seconds}`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
