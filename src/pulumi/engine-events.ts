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
  const { diagnosticEvent: diagnostic, resourcePreEvent: before } = event
  if (diagnostic !== undefined) {
    const lines = plainText(diagnostic.message).split('\n').filter((line) => line.trim() !== '')
    if (diagnostic.severity === 'error') story.errors.push(...lines)
    if (diagnostic.severity === 'info' && diagnostic.urn !== undefined && diagnostic.urn !== '') {
      story.lines.push(...lines)
      for (const line of lines) report.progress(kindProgress(line))
    }
  }
  if (before !== undefined && before.metadata.type !== 'pulumi:pulumi:Stack' && before.metadata.op !== 'same') {
    report.progress(`${before.metadata.op} ${before.metadata.type}`)
  }
}

/** kind's lines carry bullets, ticks and pictures; the words between them are the progress. */
export function kindProgress(line: string): string {
  return line
    .replace(/^[^\p{L}]+/u, '')
    .replace(/[^\p{L}\p{N})"'.]+$/u, '')
    .replace(/\s*[\p{Extended_Pictographic}\uFE0F]+\s*/gu, ' ')
    .replace(/[ .]+$/, '')
}
