/** Measures play against doing it by hand, in pairs within one run: prints a table and keeps the figures as JSON. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readManifest } from '../src/components/component-objects.ts'
import { table } from '../src/ui/results.ts'
import { userFolders } from '../src/cli/folders.ts'
import { wirePorts } from '../src/cli/wire-ports.ts'
import { createByHand, deleteByHand, platformByHand, writeManifests, type HandTools } from './hand-script.ts'
import { cost, median, timed } from './measure.ts'

interface Row {
  readonly measure: string
  readonly target: string
  readonly value: string
  readonly ok: boolean
}

const root = join(import.meta.dirname, '..')
const { values } = parseArgs({
  options: { runs: { type: 'string', default: '3' }, quick: { type: 'boolean', default: false } },
})
const runs = Number(values.runs)
const signal = new AbortController().signal

function say(text: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)}  ${text}\n`)
}

/** Runs both in turn, `runs` times each, so that a drift of the machine meets both alike. */
async function inTurn(
  names: readonly [string, string],
  a: () => Promise<number>,
  b: () => Promise<number>,
): Promise<[number[], number[]]> {
  const times: [number[], number[]] = [[], []]
  for (let run = 1; run <= runs; run += 1) {
    for (const [index, work] of [a, b].entries()) {
      const ms = await work()
      times[index === 0 ? 0 : 1].push(ms)
      say(`${names[index] ?? ''} ${String(run)}/${String(runs)}: ${(ms / 1000).toFixed(2)} s`)
    }
  }
  return times
}

const folder = await mkdtemp(join(tmpdir(), 'play-bench-'))
const env = {
  ...process.env,
  PLAY_STATE_DIR: join(folder, 'state'),
  KUBECONFIG: join(folder, 'kubeconfig'),
} as Record<string, string>
delete env['NODE_EXTRA_CA_CERTS']
const { ports, processes } = await wirePorts({
  env: process.env,
  folders: userFolders(process.env, homedir()),
  home: homedir(),
  root,
  version: 'bench',
  offline: true,
  os: process.platform,
  arch: process.arch,
  node: process.execPath,
})
await processes()
const engine = await ports.engine(signal)
const artifacts = await ports.artifacts()
const image = await artifacts.nodeImage(artifacts.defaultKubernetesVersion, signal)
if (image.archive !== undefined && !(await engine.imageExists(image.reference, signal)))
  await engine.loadImage(image.archive, signal)
const tools: HandTools = {
  kind: (await artifacts.tool('kind', signal)).path,
  kubectl: (await artifacts.tool('kubectl', signal)).path,
  image: image.reference,
  env: { ...env, ...engine.kindEnvironment },
  folder,
}

const play = (args: readonly string[]): ReturnType<typeof cost> =>
  cost(process.execPath, [join(root, 'bin', 'run.js'), ...args, '--output', 'plain'], env)
const downs: number[] = []
const seconds: number[] = []
const peaks: number[] = []
const bare = ['up', 'bench', '--without', 'git,argo-cd,argo-workflows']

async function down(): Promise<void> {
  downs.push((await play(['down', 'bench'])).ms)
}

try {
  const startUps = await startUpTimes()
  say('a first cluster that is not measured, since it is the one that reads the node image from the disk')
  await createByHand(tools, 'bench-hand', true)
  await deleteByHand(tools, 'bench-hand')
  const [bareMs, kindMs] = await inTurn(
    ['bare up', 'kind create --wait'],
    async () => {
      const { ms } = await play(bare)
      await play(['down', 'bench'])
      return ms
    },
    async () => {
      const ms = await timed(() => createByHand(tools, 'bench-hand', true))
      await deleteByHand(tools, 'bench-hand')
      return ms
    },
  )
  const manifests = await writeManifests(tools, (source) => readManifest(source, ports, signal))
  const [upMs, handMs] = await inTurn(
    ['up', 'by hand'],
    async () => {
      const { ms, peakMB } = await play(['up', 'bench'])
      peaks.push(peakMB)
      seconds.push((await play(['up', 'bench'])).ms)
      await down()
      return ms
    },
    async () => {
      const ms = await timed(() => platformByHand(tools, 'bench-hand', manifests))
      await deleteByHand(tools, 'bench-hand')
      return ms
    },
  )
  await report({ bareMs, kindMs, upMs, handMs, seconds, downs, peaks, ...startUps })
} finally {
  await play(['down', 'bench', '--force']).catch(() => undefined)
  await deleteByHand(tools, 'bench-hand').catch(() => undefined)
  await rm(folder, { recursive: true, force: true })
}

/** Start-up against an empty program, in turn. */
async function startUpTimes(): Promise<{ nodeMs: number[]; versionMs: number[]; statusMs: number[] }> {
  const times = { nodeMs: [] as number[], versionMs: [] as number[], statusMs: [] as number[] }
  const node = (args: readonly string[]): Promise<number> =>
    timed(() => cost(process.execPath, args, env).catch(() => undefined))
  for (let run = 0; run < 11; run += 1) {
    times.nodeMs.push(await node(['-e', '0']))
    times.versionMs.push(await node([join(root, 'bin', 'run.js'), '--version']))
    times.statusMs.push(await node([join(root, 'bin', 'run.js'), 'status', 'none']))
  }
  return times
}

async function report(times: Readonly<Record<string, readonly number[]>>): Promise<void> {
  const of = (name: string): number => median(times[name] ?? [])
  const ratio = (measure: string, a: string, b: string, most: number): Row => {
    const value = of(a) / of(b)
    return {
      measure,
      target: `≤ ${most.toFixed(2)}`,
      value: `${value.toFixed(2)}  (${(of(a) / 1000).toFixed(2)} s ÷ ${(of(b) / 1000).toFixed(2)} s)`,
      ok: value <= most,
    }
  }
  const secondShare = of('seconds') / of('upMs')
  const rows: Row[] = [
    ratio('play up of a bare cluster ÷ kind create cluster --wait', 'bareMs', 'kindMs', 1.15),
    ratio('play up ÷ by hand (kind, kubectl, git, Argo CD applications)', 'upMs', 'handMs', 0.8),
    {
      measure: 'second play up',
      target: '≤ 3 s, ≤ 5 %',
      value: `${(of('seconds') / 1000).toFixed(2)} s, ${(secondShare * 100).toFixed(1)} %`,
      ok: of('seconds') <= 3000 && secondShare <= 0.05,
    },
    {
      measure: 'play down, verified',
      target: '≤ 10 s',
      value: `${(of('downs') / 1000).toFixed(2)} s`,
      ok: of('downs') <= 10_000,
    },
    ratio('play --version ÷ node -e 0', 'versionMs', 'nodeMs', 4),
    ratio('play status ÷ node -e 0', 'statusMs', 'nodeMs', 4),
    {
      measure: 'peak memory of play during up',
      target: '≤ 250 MB',
      value: `${of('peaks').toFixed(0)} MB`,
      ok: of('peaks') <= 250,
    },
  ]
  const options = { color: process.stdout.isTTY, width: 140 }
  process.stdout.write(
    `${table(
      rows,
      [
        { header: 'MEASURE', cell: (row) => row.measure, whole: true },
        { header: 'TARGET', cell: (row) => row.target, whole: true },
        { header: 'MEDIAN', cell: (row) => row.value, whole: true },
        { header: '', cell: (row) => (row.ok ? 'met' : 'missed'), tone: (row) => (row.ok ? 'good' : 'bad') },
      ],
      options,
    )}\n`,
  )
  await mkdir(join(root, '.cache'), { recursive: true })
  const path = join(root, '.cache', 'bench.json')
  await writeFile(
    path,
    `${JSON.stringify({ at: new Date().toISOString(), engine: engine.name, runs, rows, times }, null, 2)}\n`,
  )
  say(`figures kept in ${path}`)
}
