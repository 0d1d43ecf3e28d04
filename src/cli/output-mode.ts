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
  if (facts.asked !== undefined) return facts.asked
  const ci = facts.env['CI'] ?? ''
  const watched = facts.stderrIsTTY && facts.env['TERM'] !== 'dumb' && (ci === '' || ci === 'false')
  return watched ? 'tty' : 'plain'
}
