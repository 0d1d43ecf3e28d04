/** `play inventory`: everything that exists of playgrounds on this machine. Takes no lock and changes nothing. */
import { basename, dirname, sep } from 'node:path'
import { PlayError } from '../domain/errors.ts'
import type { FolderUsage, Ports, StateStore } from '../domain/ports.ts'
import { presumedState } from '../domain/presumed-state.ts'
import { formatBytes } from '../domain/quantity.ts'
import type { InventoryResult, InventoryRow, LayerFinding, Reading } from '../domain/results.ts'
import type { Query, Source, SourceContext } from '../domain/source.ts'
import { localQueries, processFound } from './playground-queries.ts'

/** What an inventory is taken with. */
export interface InventoryParts {
  readonly source: Source
  readonly inventory: {
    take(queries: readonly Query[], signal: AbortSignal): Promise<readonly Reading[]>
  }
}

/** Which playground, or all; what all of them share is only told where it is asked for. */
export interface InventoryOptions {
  readonly name: string | undefined
  readonly shared: readonly Query[]
}

/** What a look is for. */
interface Look extends InventoryParts {
  readonly ports: Ports
  readonly states: StateStore
  readonly signal: AbortSignal
  readonly name: string | undefined
}

/** A kind of place whose things tell by themselves which playground they belong to. */
interface Common {
  readonly layer: string
  readonly looked: string
  readonly rows: () => Promise<readonly InventoryRow[]>
}

/**
 * What is there of one playground, or of all with the orphans of those that are gone. A name without a playground is
 * looked for too. What cannot be looked at is told beside the rows. Throws STATE_DAMAGED when nobody knows which
 * playgrounds there are.
 */
export async function inventory(
  { name, shared }: InventoryOptions,
  ports: Ports,
  parts: InventoryParts,
  signal: AbortSignal,
): Promise<InventoryResult> {
  const states = await ports.states()
  const look: Look = { ...parts, ports, states, signal, name }
  const names = name === undefined ? await states.list() : [name]
  const results = await Promise.all([
    ...names.map((each) => onePlayground(each, look)),
    ...[orphanPlace, processPlace, strayPlace, kubeconfigPlace].map((place) =>
      commonPlace(place(look), look),
    ),
    parts.inventory.take(shared, signal).then((readings) => fromReadings('', 'shared', readings)),
  ])
  return {
    rows: distinct(results.flatMap(({ rows }) => rows)),
    unknown: results.flatMap(({ unknown }) => unknown),
  }
}

/** What downloads and bundles take in the folder that all playgrounds share, measured by `usageOf`. */
export function cacheQuery(
  folder: string,
  usageOf: (folder: string) => Promise<FolderUsage | undefined>,
): Query {
  return {
    layer: 'cache',
    looked: folder,
    find: async () => {
      const usage = await usageOf(folder)
      return usage === undefined ? [] : [{ what: inWords(folder, usage) }]
    },
  }
}

/** EMPTINESS_UNKNOWN where something could not be looked at: of one playground, or of more. */
export function inventoryErrors({ unknown }: InventoryResult): readonly PlayError[] {
  const [name, ...others] = new Set(unknown.map(({ playground }) => playground))
  if (name === undefined) return []
  const isOne = others.length === 0 && name !== ''
  const what = [...new Set(unknown.map(({ finding }) => finding.layer))].join(', ')
  const suggestions = ['play doctor', `play inventory${isOne ? ` ${name}` : ''}`]
  return [
    PlayError.of('EMPTINESS_UNKNOWN', { name: isOne ? name : 'all playgrounds', what }, { suggestions }),
  ]
}

async function onePlayground(name: string, look: Look): Promise<InventoryResult> {
  const { ports, states, signal, source } = look
  const failed: LayerFinding[] = []
  const orElse = async <T>(layer: string, looked: string, work: Promise<T>): Promise<T | undefined> =>
    work.catch((error: unknown) => {
      signal.throwIfAborted()
      failed.push(unknownFinding(layer, looked, error))
      return undefined
    })
  const folder = states.folder(name)
  const read = await orElse('state', `${folder}/state.json`, states.read(name))
  const isThere = read !== undefined || (await orElse('state', folder, states.exists(name))) !== false
  const state = read ?? presumedState(name, 'docker', ports.clock.now())
  const client = (): Promise<never> => Promise.reject(new Error('an inventory needs no API client'))
  const context: SourceContext = { ports, state, folder, timeoutMs: 0, client }
  const made = (await orElse('cluster', source.title, source.queries(context, signal))) ?? []
  const queries = [...made, ...localQueries(context), folderQuery(context, states, read?.createdAt)]
  const readings = await look.inventory.take(queries, signal)
  return fromReadings(name, isThere ? 'playground' : 'orphan', [
    ...failed.map((finding) => ({ ...finding, items: [] })),
    ...readings,
  ])
}

function folderQuery(
  { state, folder }: SourceContext,
  states: StateStore,
  createdAt: string | undefined,
): Query {
  return {
    layer: 'state',
    looked: folder,
    async find() {
      const usage = await states.usage(state.spec.name)
      if (usage === undefined) return []
      return [{ what: inWords(folder, usage), ...(createdAt === undefined ? {} : { createdAt }) }]
    },
  }
}

function inWords(folder: string, { files, bytes }: FolderUsage): string {
  return `${folder} (${String(files)} ${files === 1 ? 'file' : 'files'}, ${formatBytes(bytes)})`
}

/** Clusters of play whose playground is gone. */
function orphanPlace({ source, ports, states, signal }: Look): Common {
  return {
    layer: 'containers',
    looked: 'clusters of play without a playground',
    async rows() {
      const orphans = await source.orphans(ports, (folder) => states.isThere(folder), signal)
      return orphans.flatMap(({ name, containers, createdAt }) =>
        containers.map((what) => orphan({ playground: name, layer: 'containers', what, createdAt })),
      )
    },
  }
}

/** Processes that work for a playground whose folder is gone; those of the others are found with them. */
function processPlace({ ports, states }: Look): Common {
  return {
    layer: 'processes',
    looked: 'processes of playgrounds that are gone',
    async rows() {
      const running = await (await ports.processTable()).find()
      const there = await Promise.all(running.map(({ folder }) => states.isThere(folder)))
      return running
        .filter((_, index) => there[index] === false)
        .map((each) => {
          const { what, createdAt = null } = processFound(each)
          return orphan({ playground: basename(each.folder), layer: 'processes', what, createdAt })
        })
    },
  }
}

/** Files of crashed runs beside the playgrounds' folders, and in them. */
function strayPlace({ states }: Look): Common {
  return {
    layer: 'files',
    looked: 'locks and temporary files of runs that are gone',
    async rows() {
      // Old logs are no rest of a crash: their folder counts them.
      const strays = (await states.strays()).filter(({ kind }) => kind !== 'log')
      return Promise.all(
        strays.map(async ({ name, kind, path }) => {
          const row = { playground: name, layer: 'files', what: `${kind} ${path}`, createdAt: null }
          const isOfPlayground = path.startsWith(dirname(states.folder(name)) + sep)
          if (!isOfPlayground) return { ...row, playground: '', owner: 'shared' }
          return (await states.exists(name)) ? { ...row, owner: 'playground' } : orphan(row)
        }),
      )
    },
  }
}

/** What crashed runs left beside the person's kubeconfig may be of any playground. */
function kubeconfigPlace({ ports }: Look): Common {
  return {
    layer: 'kubeconfig',
    looked: 'locks and temporary files beside the kubeconfig',
    async rows() {
      const kubeconfigs = await ports.kubeconfigs()
      const strays = await kubeconfigs.strays(kubeconfigs.userPath())
      return strays.map((what) => ({
        playground: '',
        owner: 'shared',
        layer: 'kubeconfig',
        what,
        createdAt: null,
      }))
    },
  }
}

function orphan(row: Omit<InventoryRow, 'owner'>): InventoryRow {
  return { ...row, owner: 'orphan' }
}

async function commonPlace({ layer, looked, rows }: Common, look: Look): Promise<InventoryResult> {
  try {
    const all = await rows()
    return {
      rows: all.filter(({ playground }) => look.name === undefined || playground === look.name),
      unknown: [],
    }
  } catch (error) {
    look.signal.throwIfAborted()
    const playground = look.name ?? ''
    return { rows: [], unknown: [{ playground, finding: unknownFinding(layer, looked, error) }] }
  }
}

function unknownFinding(layer: string, looked: string, error: unknown): LayerFinding {
  return { layer, looked, result: 'unknown', found: [error instanceof Error ? error.message : String(error)] }
}

function fromReadings(
  playground: string,
  owner: InventoryRow['owner'],
  readings: readonly Reading[],
): InventoryResult {
  const rows = readings.flatMap(({ layer, items }) =>
    items.map(({ what, createdAt = null }) => ({ playground, owner, layer, what, createdAt })),
  )
  const unknown = readings
    .filter(({ result }) => result === 'unknown')
    .map(({ layer, looked, result, found }) => ({ playground, finding: { layer, looked, result, found } }))
  return { rows, unknown }
}

/** A thing that is found by name and as an orphan is one thing. */
function distinct(rows: readonly InventoryRow[]): InventoryRow[] {
  const byThing = new Map<string, InventoryRow>()
  for (const row of rows) {
    const key = [row.playground, row.layer, row.what].join('\n')
    if (!byThing.has(key)) byThing.set(key, row)
  }
  return [...byThing.values()]
}
