/** Failures of Pulumi turned into catalogued errors, once; pure. */
import { PlayError } from '../domain/errors.ts'
import { plainText, type EngineStory } from './engine-events.ts'
import { PulumiCallError } from './command.ts'

/** True when another update holds the stack's lock, or a crash left it behind. */
export function isLocked(error: unknown): boolean {
  return error instanceof PulumiCallError && /stack is currently locked/i.test(textOf(error))
}

/** The catalogued error for whatever a stack run threw; a PlayError passes unchanged. */
export function toStackError(error: unknown, verb: string, name: string, story: EngineStory): unknown {
  if (error instanceof PlayError || !(error instanceof Error)) return error
  const said = error instanceof PulumiCallError ? textOf(error).split('\n').filter(isTelling) : []
  const kind = story.errors.flatMap((line) => line.split('\n')).filter(isTelling)
  const details = (kind.length > 0 ? kind : said).slice(-40)
  const reason = killedBy(error) ?? firstReason(details, error.message)
  if (kind.length > 0 && story.lines.length > 0) {
    const what = verb === 'up' ? `make the cluster: ${reason}` : `remove the cluster: ${reason}`
    return PlayError.of(
      'KIND_FAILED',
      { what, name },
      { cause: error, details: [...story.lines, ...details].slice(-40) },
    )
  }
  return PlayError.of(
    'STACK_FAILED',
    { verb: verb === 'up' ? 'bring up' : verb, reason, name },
    { cause: error, details },
  )
}

/** Codes from 129 to 192 stand for signals (Pulumi's own is 255); the engine's last words then explain nothing. */
function killedBy(error: Error): string | undefined {
  const signal = error instanceof PulumiCallError ? error.result.exitCode - 128 : 0
  return signal > 0 && signal <= 64 ? `it was ended by signal ${String(signal)}` : undefined
}

function textOf(error: PulumiCallError): string {
  return plainText(`${error.result.stderr}\n${error.result.stdout}`)
}

function isTelling(line: string): boolean {
  return line.trim() !== '' && !/^\s*(error: )?(update failed|\d+ errors? occurred:)$/.test(line)
}

/** kind and Pulumi both begin the line that matters with a capital or small ERROR. */
function firstReason(lines: readonly string[], otherwise: string): string {
  const line = lines.find((each) => /error[: ]/i.test(each)) ?? lines.at(-1) ?? otherwise
  return line.replace(/^.*?\berror:?\s+/i, '').trim()
}
