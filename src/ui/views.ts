/** What each verb's answer looks like to a person: tables and summaries, without line ends at their end. */
import type { Check } from '../domain/check.ts'
import { formatDuration } from '../domain/duration.ts'
import { formatExpiry } from '../domain/expiry.ts'
import type { ComponentRow, DownResult, ListRow, UpgradeResult, UpResult } from '../domain/results.ts'
import { certificateView } from './certificate-view.ts'
import { summary, table, type ResultOptions, type Tone } from './results.ts'
import { toneOf } from './tones.ts'

/** After `up`: what there is and what to do with it. */
export function upView(result: UpResult, options: ResultOptions & { readonly now: number }): string {
  const state = result.changed.length === 0 ? 'is as it should be; nothing was changed' : 'is ready'
  return summary(
    `Playground ${result.name} ${state}`,
    [
      [
        'Kubernetes',
        `${result.kubernetesVersion}, ${String(result.nodes)} ${result.nodes === 1 ? 'node' : 'nodes'}`,
      ],
      ['Context', result.context],
      ['Components', result.components.length === 0 ? 'none' : result.components.join(', ')],
      ...(result.expiresAt === undefined
        ? []
        : [['Expires', formatExpiry(result.expiresAt, options.now)] as const]),
    ],
    [
      'kubectl get nodes',
      ...(runsPipelines(result.components) ? [`play demo hello${suffix(result.name)}`] : []),
      `play status${suffix(result.name)}`,
      `play down${suffix(result.name)}`,
    ],
    options,
  )
}

/** The default name needs no saying. */
function suffix(name: string): string {
  return name === 'dev' ? '' : ` ${name}`
}

/** After `down`: what was looked for and what was found, which is the proof. */
export function downView(results: readonly DownResult[], options: ResultOptions): string {
  if (results.length === 0) return 'There is no playground.'
  return results.map((result) => certificateView(result, options)).join('\n\n')
}

/** All playgrounds, one row each. `now` in milliseconds since the epoch gives their age. */
export function listView(
  rows: readonly ListRow[],
  options: ResultOptions & { readonly now: number },
): string {
  if (rows.length === 0) return 'There is no playground. Make one with: play up'
  const expiry = ({ expiresAt }: ListRow): string =>
    expiresAt === null ? '' : formatExpiry(expiresAt, options.now)
  return table(
    rows,
    [
      { header: 'NAME', cell: ({ name }) => name, whole: true },
      { header: 'PHASE', cell: ({ phase }) => phase, tone: ({ phase }) => toneOf(phase) },
      { header: 'CLUSTER', cell: ({ cluster }) => cluster, tone: ({ cluster }) => toneOf(cluster) },
      { header: 'KUBERNETES', cell: ({ kubernetesVersion }) => kubernetesVersion },
      { header: 'NODES', cell: ({ nodes }) => String(nodes), align: 'right' },
      {
        header: 'AGE',
        cell: ({ createdAt }) =>
          createdAt === '' ? '' : formatDuration(options.now - Date.parse(createdAt)),
      },
      ...(rows.some((row) => expiry(row) !== '') ? [{ header: 'EXPIRES', cell: expiry }] : []),
    ],
    options,
  )
}

/** A bundle as its table shows it. */
interface BundleFacts {
  readonly folder: string
  readonly profile: string
  readonly platform: string
  readonly kubernetesVersion: string
  readonly sizeBytes: number
  readonly hasImages: boolean
  readonly rows: readonly {
    readonly name: string
    readonly kind: string
    readonly version: string
    readonly sizeBytes: number
    readonly description: string
    readonly inside: string | null
  }[]
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

/** What is there, and what this play has where that is something else. */
function versionInWords(
  { version, installed, installedVersion }: ComponentRow,
  options: ResultOptions,
): string {
  if (!installed || installedVersion === version) return version
  return `${installedVersion ?? 'unknown'} ${arrow(options)} ${version}`
}

function arrow({ unicode = true }: ResultOptions): string {
  return unicode ? '→' : '->'
}

/** After `component upgrade`: which version each component had and has. */
export function upgradeView(result: UpgradeResult, options: ResultOptions): string {
  const state = result.changed.length === 0 ? 'has these versions already; nothing was changed' : 'is ready'
  return summary(
    `Playground ${result.name} ${state}`,
    result.versions.map(({ id, from, to }) => [
      id,
      from === null || from === to ? to : `${from} ${arrow(options)} ${to}`,
    ]),
    [`play component list${suffix(result.name)}`, `play status${suffix(result.name)}`],
    options,
  )
}

function runsPipelines(components: readonly string[]): boolean {
  return components.includes('argo-workflows') || components.includes('tekton')
}

/** The components: what each does, and whether the playground has it. */
export function componentListView(rows: readonly ComponentRow[], options: ResultOptions): string {
  return table(
    rows,
    [
      { header: 'COMPONENT', cell: ({ id }) => id, whole: true },
      { header: 'VERSION', cell: (row) => versionInWords(row, options) },
      { header: 'THERE', cell: thereInWords },
      { header: 'WHAT IT DOES', cell: ({ summary: what }) => what },
      { header: 'NEEDS', cell: ({ needs }) => needs.join(', ') },
    ],
    options,
  )
}

function thereInWords({ installed, available }: ComponentRow): string {
  if (installed) return 'yes'
  return available ? 'no' : 'not in the bundle'
}

/** The bundle in use, or where one was looked for. */
export function bundleListView(
  { bundle, looked }: { readonly bundle: BundleFacts | null; readonly looked: readonly string[] },
  options: ResultOptions,
): string {
  if (bundle === null) {
    return summary(
      'There is no bundle',
      looked.map((folder) => ['Looked in', folder]),
      ['make bundle', 'play bundle pull'],
      options,
    )
  }
  const head = summary(
    `Bundle ${bundle.profile}`,
    [
      ['Folder', bundle.folder],
      ['For', `${bundle.platform}, Kubernetes ${bundle.kubernetesVersion}`],
      ['Size', megabytes(bundle.sizeBytes)],
      ['Images', bundle.hasImages ? 'inside' : 'pulled by the engine'],
    ],
    [],
    options,
  )
  const rows = table(
    bundle.rows,
    [
      { header: 'NAME', cell: ({ name }) => name, whole: true },
      { header: 'KIND', cell: ({ kind }) => kind },
      { header: 'VERSION', cell: ({ version }) => version },
      { header: 'SIZE', cell: ({ sizeBytes }) => megabytes(sizeBytes), align: 'right' },
      {
        header: 'WHAT IT REALLY IS',
        cell: ({ description, inside }) => (inside === null ? description : `${description} (in ${inside})`),
      },
    ],
    options,
  )
  return `${head}\n\n${rows}`
}

/** What reading every file found. */
export function bundleVerifyView(
  verification: {
    readonly folder: string
    readonly ok: boolean
    readonly rows: readonly { readonly name: string; readonly status: string; readonly detail: string }[]
  },
  options: ResultOptions,
): string {
  const rows = table(
    verification.rows,
    [
      { header: 'NAME', cell: ({ name }) => name, whole: true },
      {
        header: 'STATE',
        cell: ({ status }) => status,
        tone: ({ status }) => (status === 'ok' ? 'good' : 'bad'),
      },
      { header: 'DETAIL', cell: ({ detail }) => detail },
    ],
    options,
  )
  return verification.ok ? `${rows}\n\nThe bundle at ${verification.folder} is whole.` : rows
}

/** What doctor found, one row for each question. */
export function doctorView(checks: readonly Check[], options: ResultOptions): string {
  const tone = ({ status }: Check): Tone =>
    status === 'ok' ? 'good' : status === 'warning' ? 'warning' : 'bad'
  return table(
    checks,
    [
      { header: 'WHAT', cell: ({ subject }) => subject, whole: true },
      { header: 'STATE', cell: ({ status }) => status, tone },
      { header: 'FOUND', cell: ({ found }) => found },
      { header: 'NEEDED', cell: ({ needed }) => needed },
      { header: 'FIX', cell: ({ fix }) => fix, whole: true },
    ],
    options,
  )
}
