/** Which way to speak: decided from flags, environment and terminal; pure. */

/** tty draws, plain tells line by line, json gives one document, ndjson gives every event. */
export const outputModes = ['tty', 'plain', 'json', 'ndjson'] as const
export type OutputMode = (typeof outputModes)[number]

/** The mode: what was asked for, else a drawing where a person watches, else lines. */
export function outputMode(facts: {
  readonly asked: OutputMode | undefined
  readonly json: boolean
  readonly stderrIsTTY: boolean
  readonly env: Readonly<Record<string, string | undefined>>
}): OutputMode {
  if (facts.json) return 'json'
  // Flags that could not be parsed leave their variables unread, and what is wrong must be told in the mode that was asked for.
  const asked = facts.asked ?? outputModes.find((mode) => mode === facts.env['PLAY_OUTPUT'])
  if (asked !== undefined) return asked
  const ci = facts.env['CI'] ?? ''
  const watched = facts.stderrIsTTY && facts.env['TERM'] !== 'dumb' && (ci === '' || ci === 'false')
  return watched ? 'tty' : 'plain'
}
