/** What `play status` shows a person: the cluster first, then each component, then what is wrong in full. */
import type { Health } from '../domain/cluster.ts'
import { formatAge } from '../domain/duration.ts'
import { formatExpiry } from '../domain/expiry.ts'
import { formatPortMapping } from '../domain/port-mapping.ts'
import { formatBytes } from '../domain/quantity.ts'
import type { PartStatus, Status } from '../domain/results.ts'
import { cleanLine } from './display-text.ts'
import { summary, table, type Column, type Pair, type ResultOptions } from './results.ts'
import { toneOf } from './tones.ts'

type Row = Health & Pick<PartStatus, 'title' | 'sync' | 'createdAt' | 'memory'>

/** One playground; `now` in milliseconds since the epoch gives ages. */
export function statusView(status: Status, options: ResultOptions & { readonly now: number }): string {
  const rows: readonly Row[] = [
    {
      title: `Kubernetes ${status.kubernetesVersion}`,
      ...status.cluster,
      createdAt: status.createdAt,
      ...(status.git === null ? {} : { sync: status.git.sync }),
    },
    ...status.components.map((part) => ({ ...part, title: `${part.title} ${part.version}` })),
  ]
  const parts = [
    summary(`Playground ${status.name}`, facts(status, options.now), [], options),
    table(rows, columns(rows, options.now), options),
    reasons(status),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

function facts(status: Status, now: number): Pair[] {
  const { phase, context, server, engine, endpoints, ports, expiresAt } = status
  const names = endpoints.map(({ name }) => name)
  return [
    ['Phase', phase, toneOf(phase)],
    ['Context', context],
    ['Server', server ?? 'not reachable'],
    ['Runs on', engine],
    ...(expiresAt === null ? [] : [['Expires', formatExpiry(expiresAt, now)] as const]),
    ...(names.length === 0 ? [] : [['To open', `${names.join(', ')} (play open)`] as const]),
    ...(ports.length === 0 ? [] : [['Ports', ports.map(formatPortMapping).join(', ')] as const]),
  ]
}

/** Columns that no row fills are left out. */
function columns(rows: readonly Row[], now: number): Column<Row>[] {
  const all: Column<Row>[] = [
    { header: 'PART', cell: ({ title }) => title, whole: true },
    { header: 'HEALTH', cell: ({ status }) => status, tone: ({ status }) => toneOf(status) },
    { header: 'GIT', cell: ({ sync = '' }) => sync },
    {
      header: 'AGE',
      cell: ({ createdAt }) => (createdAt === undefined ? '' : formatAge(now - Date.parse(createdAt))),
      align: 'right',
    },
    { header: 'MEMORY', cell: ({ memory }) => bytes(memory?.usedBytes), align: 'right' },
    { header: 'REQUESTED', cell: ({ memory }) => bytes(memory?.requestedBytes), align: 'right' },
  ]
  return all.filter(({ cell }) => rows.some((row) => cell(row) !== ''))
}

function bytes(count: number | undefined): string {
  return count === undefined ? '' : formatBytes(count)
}

/** Below the table, where nothing is cut off: Argo CD's words name a file and a line at their end. */
function reasons({ cluster, git, components }: Status): string {
  const told = [
    ['Kubernetes', cluster.reason],
    ['List of applications', git?.reason ?? ''],
    ...components.map(({ title, reason }) => [title, reason]),
  ]
  return told
    .filter(([, reason]) => reason !== '')
    .flatMap(([title = '', reason = '']) => `${title}: ${reason}`.split('\n').map(cleanLine))
    .join('\n')
}
