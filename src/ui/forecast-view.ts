/** What `play down --dry-run` shows a person: what is there, and so would go. */
import type { DownForecast } from '../domain/results.ts'
import { table, type ResultOptions } from './results.ts'

/** One table for each playground, or a sentence where there is nothing. */
export function forecastView(forecasts: readonly DownForecast[], options: ResultOptions): string {
  return forecasts
    .map(({ name, wouldRemove }) =>
      wouldRemove.length === 0
        ? `There is nothing of ${name} to remove.`
        : [
            `This would go with ${name}; nothing was changed.`,
            table(
              wouldRemove,
              [
                { header: 'LAYER', cell: ({ layer }) => layer, whole: true },
                { header: 'WHAT', cell: ({ what }) => what },
              ],
              options,
            ),
          ].join('\n'),
    )
    .join('\n\n')
}
