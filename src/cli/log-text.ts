/** What programs wrote, as stdout gets it. */
import { cleanLine } from '../ui/display-text.ts'
import type { App } from './app.ts'

/** The line as it came, but for a terminal, which would do what control characters in it say. */
export function logText(line: string, { facts }: Pick<App, 'facts'>): string {
  return facts.isTerminal ? cleanLine(line) : line
}
