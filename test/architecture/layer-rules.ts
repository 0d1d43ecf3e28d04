/** Holds imports against layers.json: which room may import which, which packages, and which of Node's modules. */
import { matchesGlob } from 'node:path'
import { packageOf, type Import } from './import-graph.ts'

/** What the files of one room may import. */
interface RoomRules {
  /** `room` all of it, `room/file` one module or folder of it, `types:room` only with `import type`. */
  readonly may: readonly string[]
  readonly packages: readonly string[]
  /** Node's modules that touch the world; `*` for all. */
  readonly node: readonly string[]
}

/** More than its room may import, for the files that a glob names. */
interface Exception {
  readonly may?: readonly string[]
  readonly packages?: readonly string[]
  readonly lazily?: readonly string[]
}

/** The table in layers.json. */
export interface LayerRules {
  readonly rooms: Readonly<Record<string, RoomRules>>
  /** Node's modules that touch nothing outside the process; every room but the engine may use them. */
  readonly pureNode: readonly string[]
  /** By glob of files: more than their room may. `lazily` rooms only by `import()`, or as types. */
  readonly exceptions: Readonly<Record<string, Exception>>
}

function roomOf(file: string): string {
  return /^(?:src\/)?([^/]+)\//.exec(file)?.[1] ?? file
}

/** True when `entry` of a `may` list covers the imported file. */
function covers(entry: string, to: string, typeOnly: boolean): boolean {
  const onlyTypes = entry.startsWith('types:')
  const place = onlyTypes ? entry.slice('types:'.length) : entry
  const path = to.replace(/^src\//, '').replace(/\.ts$/, '')
  return (path === place || path.startsWith(`${place}/`)) && (typeOnly || !onlyTypes)
}

function mayImportNode(name: string, room: string, own: RoomRules, rules: LayerRules): boolean {
  if (room === 'engine') return false
  return own.node.includes('*') || own.node.includes(name) || rules.pureNode.includes(name)
}

function fileProblem(
  one: Import,
  to: string,
  own: RoomRules,
  exceptions: readonly Exception[],
): string | undefined {
  if (roomOf(to) === roomOf(one.from)) return undefined
  const may = [...own.may, ...exceptions.flatMap((exception) => exception.may ?? [])]
  if (may.some((entry) => covers(entry, to, one.typeOnly))) return undefined
  const lazily = exceptions.some((exception) => exception.lazily?.includes(roomOf(to)))
  if (lazily && (one.dynamic || one.typeOnly)) return undefined
  return lazily ? 'may import it only by import()' : `may not import ${to}`
}

function problemOf(one: Import, rules: LayerRules): string | undefined {
  const room = roomOf(one.from)
  const own = rules.rooms[room]
  if (!own) return 'is in a room that the table does not name'
  const exceptions = Object.entries(rules.exceptions)
    .filter(([glob]) => matchesGlob(one.from, glob))
    .map(([, exception]) => exception)
  if (one.to !== undefined) return fileProblem(one, one.to, own, exceptions)
  if (one.specifier.startsWith('node:'))
    return mayImportNode(one.specifier.slice(5), room, own, rules)
      ? undefined
      : `may not use ${one.specifier}`
  const packages = [...own.packages, ...exceptions.flatMap((exception) => exception.packages ?? [])]
  return packages.includes(packageOf(one.specifier)) ? undefined : `may not use the package ${one.specifier}`
}

/** One sentence for each import that the table does not allow. */
export function layerViolations(imports: readonly Import[], rules: LayerRules): string[] {
  return imports.flatMap((one) => {
    const problem = problemOf(one, rules)
    return problem === undefined ? [] : [`${one.from} imports ${one.specifier}: ${problem}`]
  })
}
