/** Kubeconfigs as YAML: reading, and edits that leave everything else as it was. Loaded only where YAML is met. */
import { parseDocument, stringify, isMap, isSeq, YAMLMap, YAMLSeq, type Document } from 'yaml'
import { damaged, reasonOf } from './kubeconfig-errors.ts'

/** Parses YAML to plain values. Throws KUBECONFIG_DAMAGED. */
export function parseYaml(text: string, path: string): unknown {
  const document = readDocument(text, path)
  try {
    return document.toJS() as unknown
  } catch (error) {
    // Aliases to nowhere, or so many of them that they must be an attack.
    throw damaged(path, reasonOf(error))
  }
}

/** The text as YAML: JSON is rewritten, YAML stays as it is. */
export function toYaml(text: string): string {
  const json = fromJson(text)
  return json === undefined ? text : stringify(json, { lineWidth: 0, indentSeq: false })
}

/** A kubeconfig's text, open for edits. Comments, order, unknown fields and quoting stay as they are. */
export class KubeconfigText {
  readonly #document: Document
  readonly #path: string
  readonly #text: string

  /** Throws KUBECONFIG_DAMAGED when `text` is no kubeconfig; `path` is for the message. */
  constructor(text: string, path: string) {
    this.#text = text
    this.#path = path
    this.#document = readDocument(text, path)
    if (this.#document.contents === null) {
      this.#document.contents = new YAMLMap(this.#document.schema)
      // Some clients refuse a file without these two (kind issue 1242).
      this.#document.set('apiVersion', 'v1')
      this.#document.set('kind', 'Config')
    }
  }

  /** Puts the entry into the list, in the place of one of that name if there is one. */
  put(list: string, key: string, name: string, fields: object): void {
    const entry = this.#document.createNode({ [key]: fields, name })
    const entries = this.#entries(list)
    const place = entries.items.findIndex((item) => nameOf(item) === name)
    this.#drop(entries, name)
    if (place === -1) entries.add(entry)
    else entries.items.splice(place, 0, entry)
  }

  /** Takes the entries of that name out of all lists; answers whether there were any. */
  remove(name: string): boolean {
    let removed = false
    for (const list of ['clusters', 'users', 'contexts']) {
      const entries = this.#document.get(list)
      if (isSeq(entries)) removed = this.#drop(entries, name) || removed
    }
    return removed
  }

  /** Sets the current context, or unsets it. */
  setCurrent(context: string | undefined): void {
    if (context === undefined) this.#document.delete('current-context')
    else this.#document.set('current-context', context)
  }

  /** The edited text; JSON stays JSON. */
  toString(): string {
    if (isJson(this.#text)) return JSON.stringify(this.#document.toJS(), undefined, 2) + '\n'
    try {
      // Long lines stay whole; lists are indented, and braces padded, only if they were.
      return this.#document.toString({
        lineWidth: 0,
        indentSeq: /^\w+:[ \t]*\r?\n[ \t]+-/m.test(this.#text),
        flowCollectionPadding: /[[{] /.test(this.#text),
      })
    } catch (error) {
      // An alias elsewhere in the file to something inside the removed entry.
      throw damaged(this.#path, reasonOf(error))
    }
  }

  #entries(list: string): YAMLSeq {
    const found = this.#document.get(list)
    if (isSeq(found)) {
      if (found.items.length === 0) found.flow = false
      return found
    }
    const made = new YAMLSeq(this.#document.schema)
    this.#document.set(list, made)
    return made
  }

  #drop(entries: YAMLSeq, name: string): boolean {
    const before = entries.items.length
    entries.items = entries.items.filter((item) => nameOf(item) !== name)
    return entries.items.length < before
  }
}

function nameOf(item: unknown): unknown {
  return isMap(item) ? item.get('name') : undefined
}

function readDocument(text: string, path: string): Document {
  // Big integers, because a number that is not touched must not change.
  const document = parseDocument(text, { intAsBigInt: !isJson(text), logLevel: 'silent' })
  const [error] = document.errors
  if (error === undefined) return document
  // Neither the message nor the error as a cause: both quote the text, which holds keys.
  const line = error.linePos?.[0].line
  const where = line === undefined ? '' : ` in line ${String(line)}`
  throw damaged(path, `it is no valid YAML${where} (${error.code.toLowerCase().replaceAll('_', ' ')})`)
}

function isJson(text: string): boolean {
  return fromJson(text) !== undefined
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
