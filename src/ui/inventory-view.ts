/** What `play inventory` shows a person: what there is, and what could not be looked at. */
import { formatAge } from '../domain/duration.ts'
import type { InventoryResult, InventoryRow, LayerFinding } from '../domain/results.ts'
import { cleanLine } from './display-text.ts'
import { table, type Column, type ResultOptions } from './results.ts'

/** Rows, then in words what could not be looked at. `now` in milliseconds since the epoch gives ages. */
export function inventoryView(
  { rows, unknown }: InventoryResult,
  { name, ...options }: ResultOptions & { readonly now: number; readonly name: string | undefined },
): string {
  const whose = name === undefined ? 'of any playground' : `of "${name}"`
  const parts = [
    rows.length === 0 && unknown.length === 0 ? `Nothing ${whose} is there.` : '',
    rows.length === 0 ? '' : table(rows, columns(options.now), options),
    unknown.length === 0
      ? ''
      : [
          `${rows.length === 0 ? `Nothing ${whose} was found, but play` : 'play'} could not look everywhere:`,
          ...unknown.map(({ playground, finding }) => `  ${unknownInWords(playground, finding)}`),
        ].join('\n'),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

function columns(now: number): Column<InventoryRow>[] {
  return [
    { header: 'PLAYGROUND', cell: ({ playground }) => (playground === '' ? '-' : playground), whole: true },
    { header: 'LAYER', cell: ({ layer }) => layer, whole: true },
    { header: 'WHAT', cell: ({ what }) => what },
    {
      header: 'AGE',
      cell: ({ createdAt }) => (createdAt === null ? '' : formatAge(now - Date.parse(createdAt))),
      align: 'right',
    },
    {
      header: 'OWNER',
      cell: ({ owner }) => owner,
      tone: ({ owner }) => (owner === 'orphan' ? 'warning' : undefined),
    },
  ]
}

function unknownInWords(playground: string, { layer, looked, found }: LayerFinding): string {
  const place = playground === '' ? layer : `${playground}, ${layer}`
  return cleanLine(`${place} (${looked}): ${found.join(', ')}`)
}
