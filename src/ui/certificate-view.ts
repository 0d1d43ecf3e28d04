/** What `play down` says at its end: where it looked, what it found there, and what that proves. */
import type { DownResult, LayerFinding } from '../domain/results.ts'
import { cleanLine } from './display-text.ts'
import { table, type ResultOptions } from './results.ts'
import { toneOf } from './tones.ts'

/** One playground that is gone, or never was there. */
export function certificateView(result: DownResult, options: ResultOptions): string {
  const { name, existed, kept, findings, certificate } = result
  return [
    existed ? `Playground ${name} is gone.` : `There is no playground ${name}; nothing was there to remove.`,
    ...(kept === undefined ? [] : [`Your repository ${kept} is left as it is.`]),
    table<LayerFinding>(
      findings,
      [
        { header: 'LAYER', cell: ({ layer }) => layer, whole: true },
        { header: 'LOOKED', cell: ({ looked }) => looked },
        {
          header: 'RESULT',
          cell: ({ result: seen, found }) => (seen === 'absent' ? 'nothing' : found.join(', ')),
          tone: ({ result: seen }) => toneOf(seen),
        },
      ],
      options,
    ),
    ...(certificate === undefined ? [] : [verdictLine(name, certificate, result.settleMs)]),
  ].join('\n')
}

function verdictLine(name: string, certificate: string, settleMs: number | undefined): string {
  const apart = settleMs === undefined ? '' : `, ${String(Math.round(settleMs / 1000))} s apart`
  return cleanLine(`Nothing of "${name}" is left: looked twice${apart}; certificate: ${certificate}`)
}
