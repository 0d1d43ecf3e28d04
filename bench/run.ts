/** Measures play against doing it by hand, in pairs within one run: prints a table and keeps the figures as JSON. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { userFolders } from '../src/cli/folders.ts'
import { wirePorts } from '../src/cli/wire-ports.ts'
import { readManifest } from '../src/components/install/component-objects.ts'
import { argoCdUi } from '../src/components/gitops/argocd-ui.ts'
import { componentRegistry } from '../src/components/index.ts'
import { imagesOf } from '../src/sources/kind/images.ts'
import { demoFigures } from './demos.ts'
import { writePlatform } from './hand-manifests.ts'
import { createByHand, deleteByHand, platformByHand, type HandTools } from './hand-script.ts'
import { cost, timed } from './measure.ts'
import { addTime, memoryOf, partsOf, pushTime, type Play } from './platform.ts'
import { reportTable, rowsOf, type Figures } from './report.ts'

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

const play: Play = (args, output = 'plain') =>
  cost(process.execPath, [join(root, 'bin', 'run.js'), ...args, '--output', output], env)
const figures: Record<string, number[]> = {}
// What a bundle lacks is not there anyway.
const defaults = componentRegistry.all.filter(({ byDefault }) => byDefault).map(({ id }) => id)
const bare = ['up', 'bench', '--without', defaults.join(',')]
const added = argoCdUi

/** Why the component cannot be added; undefined where it can. */
async function hindrance(): Promise<string | undefined> {
  try {
    const objects = await readManifest(added.manifest, ports, signal)
    const selected = objects.filter((object) => added.selects?.(object) ?? true)
    const images = imagesOf(selected.map((object) => added.adjust(object)))
    const lacking = images.filter((reference) => !artifacts.canHaveImage(reference))
    return lacking.length === 0 ? undefined : `the bundle does not hold ${lacking.join(', ')}`
  } catch (error) {
    return String(error)
  }
}

function note(taken: Readonly<Record<string, number | readonly number[]>>): void {
  for (const [name, values] of Object.entries(taken)) (figures[name] ??= []).push(...[values].flat())
}

async function down(): Promise<void> {
  note({ downs: (await play(['down', 'bench'])).ms })
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
  const platform = await writePlatform(folder, ports, signal)
  const [upMs, handMs] = await inTurn(
    ['up', 'by hand'],
    async () => {
      const { ms, peakMB, output } = await play(['up', 'bench'], 'ndjson')
      note({ peaks: peakMB, ...partsOf(output) })
      note({ seconds: (await play(['up', 'bench'])).ms })
      await measurePlatform()
      await down()
      return ms
    },
    async () => {
      const ms = await timed(() => platformByHand(tools, 'bench-hand', platform))
      await deleteByHand(tools, 'bench-hand')
      return ms
    },
  )
  await report({ bareMs, kindMs, upMs, handMs, ...figures, ...startUps })
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

/** The measures of a playground that stands; it has the same components afterwards. */
async function measurePlatform(): Promise<void> {
  const demos = join(root, 'assets', 'demos')
  // First of all: what runs before would have warmed up what demos need.
  note(await demoFigures({ play, kubectl: tools.kubectl, env, demos, repeats: 3, say }, 'bench'))
  const pushMs = await pushTime({ play, kubectl: tools.kubectl, env, folder }, 'bench')
  note({ pushMs, ...(await memoryOf(play, 'bench', ports.clock, signal)) })
  const reason = await hindrance()
  if (reason === undefined) note({ addMs: await addTime(play, added.id, 'bench') })
  else say(`adding ${added.id} is not measured: ${reason}`)
}

async function report(taken: Figures): Promise<void> {
  const rows = rowsOf(taken)
  process.stdout.write(`${reportTable(rows, process.stdout.isTTY)}\n`)
  await mkdir(join(root, '.cache'), { recursive: true })
  const path = join(root, '.cache', 'bench.json')
  const kept = { at: new Date().toISOString(), engine: engine.name, runs, rows, figures: taken }
  await writeFile(path, `${JSON.stringify(kept, null, 2)}\n`)
  say(`figures kept in ${path}`)
}
