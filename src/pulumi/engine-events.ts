/** Pulumi's engine events turned into progress of a step; pure. */
import type { EngineEvent } from '@pulumi/pulumi/automation/index.js'
import type { Reporter } from '../engine/step.ts'

/** What a run of the engine said, in order. */
export interface EngineStory {
  /** Lines of error diagnostics, cleaned. */
  readonly errors: string[]
  /** Lines that a provider logged. */
  readonly lines: string[]
}

/** Removes Pulumi's colour tags (<{%fg 1%}>) and ANSI codes. */
export function plainText(text: string): string {
  return text.replace(/<\{%[^%]*%\}>|\u001b\[[0-9;]*m/g, '').trimEnd()
}

/** Feeds one event into the story and onto the screen. Debug diagnostics are noise and left out. */
export function tellEvent(event: EngineEvent, story: EngineStory, report: Reporter): void {
  if (event.diagnosticEvent !== undefined) tellDiagnostic(event.diagnosticEvent, story, report)
  const { type, op } = event.resourcePreEvent?.metadata ?? {}
  if (type !== undefined && type !== 'pulumi:pulumi:Stack' && op !== 'same')
    report.progress(`${String(op)} ${type}`)
}

function tellDiagnostic(
  { message, severity, urn = '' }: NonNullable<EngineEvent['diagnosticEvent']>,
  story: EngineStory,
  report: Reporter,
): void {
  const lines = plainText(message)
    .split('\n')
    .filter((line) => line.trim() !== '')
  if (severity === 'error') story.errors.push(...lines)
  if (severity !== 'info' || urn === '') return
  story.lines.push(...lines)
  for (const line of lines) {
    const progress = kindProgress(line)
    if (progress !== undefined) report.progress(progress)
  }
}

/**
 * What kind has begun, without bullets and pictures: the words of its lines "• Preparing nodes 📦  ..." and "Creating
 * cluster ...". Undefined for lines that say nothing new: ticks at the end of a phase, advice at the end of all.
 */
export function kindProgress(line: string): string | undefined {
  if (!/^\s*•|\.{3}\s*$/.test(line)) return undefined
  const words = line
    .replace(/^[^\p{L}]+/u, '')
    .replace(/[^\p{L}\p{N})"'.]+$/u, '')
    .replace(/\s*[\p{Extended_Pictographic}\uFE0F]+\s*/gu, ' ')
    .replace(/[ .]+$/, '')
  return words === '' ? undefined : words
}
