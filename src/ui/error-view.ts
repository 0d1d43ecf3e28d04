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

/** "Error KIND_FAILED: …", the last details indented, and what to do next: lines without line ends. */
export function errorLines(error: ErrorData, theme: Theme): string[] {
  const { chalk, symbols } = theme
  const [first = '', ...more] = error.message.split('\n').map(cleanLine)
  const details = error.details.flatMap((detail) => detail.split('\n').map(cleanLine))
  const hidden = Math.max(0, details.length - shownDetails)
  return [
    `${chalk.red.bold(`Error ${error.id}:`)} ${first}`,
    ...more.map((line) => `  ${line}`),
    ...(hidden > 0 ? [chalk.dim(`  ${symbols.ellipsis} ${String(hidden)} earlier lines`)] : []),
    ...details.slice(hidden).map((line) => `  ${chalk.dim(line)}`.trimEnd()),
    ...nextLines(error.suggestions, theme),
  ]
}
