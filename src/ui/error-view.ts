/** An error as a person reads it: what happened, the lines that explain it, what to do next. */
import type { ErrorData } from '../engine/events.ts'
import { cleanLine } from './display-text.ts'
import type { Theme } from './theme.ts'

/** How many of the last detail lines are shown; all of them are in the event log. */
const shownDetails = 40
/** What can be pasted starts with a program and goes on like an argument, not like prose. */
const command =
  /^(?:play|make|kubectl|kind|docker|podman|sudo|pulumi|ss|npm|npx|git|export) (?![^-]*[:;,.] )\S.*[^.:]$/
/** Advice such as "Try again: play up demo". */
const labelled = /^([A-Z][^:$]*): (.+)$/

function suggestionLine(suggestion: string, { chalk }: Theme): string {
  const text = cleanLine(suggestion)
  const paste = (line: string): string => `${chalk.dim('$')} ${chalk.cyan(line)}`
  if (command.test(text)) return paste(text)
  const [, label = '', rest = ''] = labelled.exec(text) ?? []
  return command.test(rest) ? `${label}: ${paste(rest)}` : text
}

/** "Next:" and one line for each suggestion, commands marked with a dollar sign; nothing without suggestions. */
export function nextLines(suggestions: readonly string[], theme: Theme): string[] {
  if (suggestions.length === 0) return []
  return [theme.chalk.bold('Next:'), ...suggestions.map((one) => `  ${suggestionLine(one, theme)}`)]
}

/** The lines that explain an error, as a person reads them: all of them, and how many at the start are not shown. */
function explanation(error: ErrorData): { readonly lines: readonly string[]; readonly hidden: number } {
  const lines = error.details.flatMap((detail) => detail.split('\n').map(cleanLine))
  return { lines, hidden: Math.max(0, lines.length - shownDetails) }
}

/** Whether `errorLines` shows all of these lines; each may have something before it there, such as who wrote it. */
export function explains(error: ErrorData, lines: readonly string[]): boolean {
  const { lines: all, hidden } = explanation(error)
  const shown = all.slice(hidden)
  return lines.every((line) => shown.some((one) => one.endsWith(line)))
}

/** "Error KIND_FAILED: …", the last details indented, and what to do next: lines without line ends. */
export function errorLines(error: ErrorData, theme: Theme): string[] {
  const { chalk, symbols } = theme
  const [first = '', ...more] = error.message.split('\n').map(cleanLine)
  const { lines: details, hidden } = explanation(error)
  return [
    `${chalk.red.bold(`Error ${error.id}:`)} ${first}`,
    ...more.map((line) => `  ${line}`),
    ...(hidden > 0 ? [chalk.dim(`  ${symbols.ellipsis} ${String(hidden)} earlier lines`)] : []),
    ...details.slice(hidden).map((line) => `  ${chalk.dim(line)}`.trimEnd()),
    ...nextLines(error.suggestions, theme),
  ]
}
