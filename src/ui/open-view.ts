/** What `play open` shows a person. */
import type { EndpointRow, OpenResult } from '../domain/results.ts'
import { summary, table, type Pair, type ResultOptions } from './results.ts'

/** What can be opened in the playground `name`, and how. */
export function endpointView(rows: readonly EndpointRow[], name: string, options: ResultOptions): string {
  const flag = name === 'dev' ? '' : ` --name ${name}`
  if (rows.length === 0) return 'There is nothing to open. What offers something: play component list'
  return table(
    rows,
    [
      { header: 'OPEN WITH', cell: (row) => `play open ${row.name}${flag}`, whole: true },
      { header: 'SPEAKS', cell: ({ scheme }) => scheme },
      { header: 'WHAT IS THERE', cell: ({ title }) => title },
    ],
    options,
  )
}

/** The address, and the login where one is asked for. */
export function openedView(
  { endpoint, title, url, user, password, passwordFrom }: OpenResult,
  options: ResultOptions,
): string {
  const pair = (label: string, value: string | undefined): Pair[] =>
    value === undefined ? [] : [[label, value]]
  const pairs = [
    ...pair('Address', url),
    ...pair('User', user),
    ...pair('Password', password),
    ...pair('Password from', passwordFrom),
  ]
  return summary(`${endpoint}: ${title}`, pairs, [], options)
}
