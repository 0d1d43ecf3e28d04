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
  const reason = firstReason(details) ?? error.message
  if (kind.length > 0 && story.lines.length > 0) {
    const what = verb === 'up' ? `make the cluster: ${reason}` : `remove the cluster: ${reason}`
    return PlayError.of(
      'KIND_FAILED',
      { what, name },
      { cause: error, details: [...story.lines, ...details].slice(-40) },
    )
  }
  return PlayError.of('STACK_FAILED', { verb, reason, name }, { cause: error, details })
}

function textOf(error: PulumiCallError): string {
  return plainText(`${error.result.stderr}\n${error.result.stdout}`)
}

function isTelling(line: string): boolean {
  return line.trim() !== '' && !/^\s*(error: )?update failed$/.test(line)
}

/** kind and Pulumi both begin the line that matters with a capital or small ERROR. */
function firstReason(lines: readonly string[]): string | undefined {
  const line = lines.find((each) => /error[: ]/i.test(each)) ?? lines.at(-1)
  return line?.replace(/^.*?\berror:?\s+/i, '').trim()
}
