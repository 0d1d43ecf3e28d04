/** What the words for states mean. */
import type { Tone } from './results.ts'

const tones: Readonly<Record<string, Tone>> = {
  healthy: 'good',
  absent: 'good',
  ready: 'good',
  running: 'good',
  Succeeded: 'good',
  progressing: 'warning',
  stopped: 'warning',
  creating: 'warning',
  unknown: 'warning',
}

/** The tone of a state; what nobody knows is bad. */
export function toneOf(word: string): Tone {
  return tones[word] ?? 'bad'
}
