/** Reads YAML of demos so that each mistake is told with its place. Loaded by dynamic import only, as the parser is heavy. */
import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  parseAllDocuments,
  parseDocument,
  visit,
  type Document,
  type Node,
  type Pair,
} from 'yaml'
import type { KubeObject } from '../domain/cluster.ts'
import {
  invalidAltogether,
  invalidFile,
  start,
  type Path,
  type Place,
  type PlacedMistake,
  type Position,
} from './demo-mistake.ts'

/** A file of one document: its value, and where its parts are. */
export interface PlacedValue {
  readonly value: unknown
  /** The nearest place that there is. */
  readonly position: (place: Place) => Position
}

/** Characters of a demo's description. */
const longestDescription = 256 * 1024
/** Those of a thousand would be looked for in all that is before them. */
const mostAliases = 100
const deepest = 100

/** Looking for a key that is there twice is done here: the parser compares each with all others. */
const linear = { prettyErrors: false, uniqueKeys: false } as const

/** Before anything is parsed, which takes the longer the more there are of them. */
function refuseManyAliases(text: string, file: string): void {
  let aliases = 0
  for (const token of new Lexer().lex(text)) if (token.startsWith('*')) aliases += 1
  if (aliases > mostAliases) throw invalidAltogether(file, `it has more than ${String(mostAliases)} aliases`)
}

/** Reads one document. Throws DEMO_INVALID, which calls the text `file`. */
export function parsePlaced(text: string, file: string): PlacedValue {
  if (text.length > longestDescription) throw invalidAltogether(file, 'it has more than 256 KB')
  refuseManyAliases(text, file)
  const lines = new LineCounter()
  const document = parseDocument(text, { ...linear, lineCounter: lines })
  const value = valueOf(document, file, lines)
  return {
    value,
    position: (place) => positionIn(document, text, lines, place),
  }
}

/** Reads the objects of a stream of documents, empty ones left out. Throws DEMO_INVALID, which calls the text `file`. */
export function parseObjects(text: string, file: string): readonly KubeObject[] {
  const lines = new LineCounter()
  refuseManyAliases(text, file)
  const documents = parseAllDocuments(text, { ...linear, lineCounter: lines, merge: true })
  if (!Array.isArray(documents)) return []
  return documents.flatMap((document): readonly KubeObject[] => {
    const value = valueOf(document, file, lines)
    if (value === null || value === undefined) return []
    const mistake = mistakeOfObject(value)
    if (mistake === undefined) return [value as KubeObject]
    throw invalidFile(file, [{ ...positionIn(document, text, lines, mistake), reason: mistake.reason }])
  })
}

function valueOf(document: Document.Parsed, file: string, lines: LineCounter): unknown {
  const mistakes = mistakesOfSyntax(document, lines)
  if (mistakes.length > 0) throw invalidFile(file, mistakes)
  try {
    return document.toJS()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw invalidFile(file, [{ ...start, reason }])
  }
}

function mistakesOfSyntax(document: Document.Parsed, lines: LineCounter): PlacedMistake[] {
  const mistakes = [...document.errors, ...document.warnings].map(({ code, message, pos: [offset] }) => ({
    ...placeAt(lines, offset),
    reason: reasons[code] ?? (/stack/i.test(message) ? tooDeep : message),
  }))
  const add = (node: Node, reason: string): void => {
    mistakes.push({ ...placeAt(lines, node.range?.[0] ?? 0), reason })
  }
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) === undefined) add(alias, `there is no anchor &${alias.source}`)
    },
    Collection: (_, node, path) => {
      // Each level has an entry and, in a mapping, its pair.
      if (path.filter((part) => isCollection(part)).length < deepest) return undefined
      add(node, tooDeep)
      return visit.BREAK
    },
    Pair: (_, { key }) => {
      if (!isScalar(key) && !isAlias(key))
        add(key as Node, 'a list or a mapping cannot be a key; does it lack quotes?')
    },
    Scalar: (_, scalar) => {
      if (typeof scalar.value === 'number' && /^[-+]?0\d/.test(scalar.source ?? ''))
        add(
          scalar,
          `${scalar.source ?? ''} means different numbers to different readers: write 0o… or quotes`,
        )
    },
  })
  return [...mistakes, ...keysTwice(document, lines)]
}

const tooDeep = 'it is nested too deeply'

function keysTwice(document: Document.Parsed, lines: LineCounter): PlacedMistake[] {
  const mistakes: PlacedMistake[] = []
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<unknown>()
      for (const { key } of items) {
        if (!isScalar(key)) continue
        // What is merged in may come from several.
        if (seen.has(key.value) && key.value !== '<<')
          mistakes.push({ ...placeAt(lines, key.range?.[0] ?? 0), reason: 'this key is there twice' })
        seen.add(key.value)
      }
    },
  })
  return mistakes
}

/** What the parser says in words of its own grammar. */
const reasons: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'there is room for one document only',
  BLOCK_AS_IMPLICIT_KEY: 'a text with ": " in it needs quotes',
}

function mistakeOfObject(value: unknown): (Place & { readonly reason: string }) | undefined {
  if (!isRecord(value)) return { path: [], at: 'value', reason: 'an object of Kubernetes must be a mapping' }
  const lacking = ['apiVersion', 'kind'].find(
    (field) => typeof value[field] !== 'string' || value[field] === '',
  )
  if (lacking !== undefined) return { path: [lacking], at: 'value', reason: `this object has no ${lacking}` }
  const { metadata } = value as { metadata?: unknown }
  const names = isRecord(metadata) ? [metadata['name'], metadata['generateName']] : []
  if (names.some((name) => typeof name === 'string' && name !== '')) return undefined
  return {
    path: ['metadata'],
    at: 'key',
    reason: 'this object has no metadata.name, nor metadata.generateName',
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function placeAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(line, 1), column: Math.max(col, 1) }
}

function positionIn(document: Document.Parsed, text: string, lines: LineCounter, place: Place): Position {
  const { key, node } = find(document, place.path)
  const wanted = (place.at === 'key' ? (key ?? node) : (node ?? key))?.range
  if (!wanted) return start
  const [from, to] = wanted
  if (place.text === undefined) return placeAt(lines, from)
  // In a text with escapes it may be written otherwise: its beginning has to do.
  const { wanted: part, after } = place.text
  const found = nthIndexOf(text.slice(from, to), part, after)
  return placeAt(lines, found < 0 ? from : from + found)
}

/** Where `part` is after so many others of it; -1 for nowhere. */
function nthIndexOf(text: string, part: string, after: number): number {
  let found = text.indexOf(part)
  for (let passed = 0; passed < after && found >= 0; passed += 1) found = text.indexOf(part, found + 1)
  return found
}

/** What is at the path, or the last part of it that is there. */
function find(document: Document.Parsed, path: Path): { readonly key?: Node; readonly node?: Node } {
  let found: { readonly key?: Node; readonly node?: Node } = document.contents
    ? { node: document.contents }
    : {}
  for (const part of path) {
    const next = childOf(document, found.node, part)
    if (next === undefined) return found
    found = next
  }
  return found
}

function childOf(
  document: Document.Parsed,
  written: Node | undefined,
  part: string | number,
): { readonly key?: Node; readonly node?: Node } | undefined {
  const node = isAlias(written) ? written.resolve(document) : written
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part))
    return pair && partsOf(pair as Pair<Node, Node | null>)
  }
  if (!isSeq(node)) return undefined
  const item = node.items[Number(part)] as Node | undefined
  return item && { node: item }
}

function partsOf({ key, value }: Pair<Node, Node | null>): { readonly key: Node; readonly node?: Node } {
  return value ? { key, node: value } : { key }
}
