/** What the benchmark says: what was measured against what was promised. */
import { table } from '../src/ui/results.ts'
import { median, percentile } from './measure.ts'

/** Every figure that was taken, by its name, in the unit that the name ends with. */
export type Figures = Readonly<Record<string, readonly number[]>>

/** One promise and what came of it. */
export interface Row {
  readonly measure: string
  readonly target: string
  readonly value: string
  readonly ok: boolean
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`
const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2)} GiB`
const megabytes = (value: number): string => `${value.toFixed(0)} MB`
const milliseconds = (value: number): string => `${value.toFixed(0)} ms`
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

/** All rows. One whose figures are missing is not met. */
export function rowsOf(figures: Figures): readonly Row[] {
  const of = (name: string): number => median(figures[name] ?? [])
  const ratio = (measure: string, a: string, b: string, most: number): Row => {
    const value = of(a) / of(b)
    return {
      measure,
      target: `≤ ${most.toFixed(2)}`,
      value: `${value.toFixed(2)}  (${seconds(of(a))} ÷ ${seconds(of(b))})`,
      ok: value <= most,
    }
  }
  const limit = (
    measure: string,
    name: string,
    target: string,
    most: number,
    show = seconds,
    value = of(name),
  ): Row => {
    const isThere = !Number.isNaN(value)
    return { measure, target, value: isThere ? show(value) : 'not measured', ok: value <= most }
  }
  const secondShare = of('seconds') / of('upMs')
  return [
    ratio('play up of a bare cluster ÷ kind create cluster --wait', 'bareMs', 'kindMs', 1.15),
    ratio('play up ÷ by hand (kind, kubectl, git, Argo CD applications)', 'upMs', 'handMs', 0.8),
    ratio('all components ready ÷ cluster ready', 'componentsMs', 'clusterMs', 0.75),
    {
      measure: 'second play up',
      target: '≤ 3 s, ≤ 5 %',
      value: `${seconds(of('seconds'))}, ${percent(secondShare)}`,
      ok: of('seconds') <= 3000 && secondShare <= 0.05,
    },
    limit('git push → live', 'pushMs', '≤ 10 s', 10_000),
    limit('play component add of one', 'addMs', '≤ 15 s', 15_000),
    limit('first play demo ci on a fresh playground', 'firstCiMs', '≤ 60 s', 60_000),
    limit('play demo ci again, one line changed', 'ciMs', '≤ 30 s', 30_000),
    limit('play demo hello', 'helloMs', '≤ 8 s', 8000),
    ratio('play demo hello ÷ kubectl create, kubectl wait', 'helloMs', 'helloHandMs', 1.2),
    limit(
      'a task has ended → its line, 95th percentile',
      'delayMs',
      '≤ 200 ms',
      200,
      milliseconds,
      percentile(figures['delayMs'] ?? [], 0.95),
    ),
    limit('processor time of play while watching demo ci', 'watchingCpu', '≤ 5 % of a core', 0.05, percent),
    limit('memory requested by the platform', 'requestedBytes', '≤ 1.2 GiB', 1.2 * 2 ** 30, gib),
    limit('memory used by the platform, after the demos', 'usedBytes', '≤ 1.5 GiB', 1.5 * 2 ** 30, gib),
    limit('play down, verified', 'downs', '≤ 10 s', 10_000),
    ratio('play --version ÷ node -e 0', 'versionMs', 'nodeMs', 4),
    ratio('play status ÷ node -e 0', 'statusMs', 'nodeMs', 4),
    limit('peak memory of play during up', 'peaks', '≤ 250 MB', 250, megabytes),
  ]
}

/** The rows for a person. */
export function reportTable(rows: readonly Row[], color: boolean): string {
  return table(
    rows,
    [
      { header: 'MEASURE', cell: (row) => row.measure, whole: true },
      { header: 'TARGET', cell: (row) => row.target, whole: true },
      { header: 'MEDIAN', cell: (row) => row.value, whole: true },
      { header: '', cell: (row) => (row.ok ? 'met' : 'missed'), tone: (row) => (row.ok ? 'good' : 'bad') },
    ],
    { color, width: 140 },
  )
}
