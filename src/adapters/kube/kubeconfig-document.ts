/** What play reads in a kubeconfig: names, one cluster, one user; everything else passes unread. */
import { damaged } from './kubeconfig-errors.ts'

/** A cluster, user or context as the file holds it: unknown fields are kept. */
export type Fields = Readonly<Record<string, unknown>>

/** One named entry of a kubeconfig's lists. */
export interface Named {
  readonly name: string
  readonly fields: Fields
}

/** The lists of a kubeconfig, by the key that holds an entry's fields. */
export interface Kubeconfig {
  readonly clusters: readonly Named[]
  readonly users: readonly Named[]
  readonly contexts: readonly Named[]
  readonly currentContext: string | undefined
}

/** A context with the cluster and the user that it names. */
export interface ResolvedContext {
  readonly name: string
  readonly server: string
  readonly context: Fields
  readonly cluster: Fields
  readonly user: Fields
}

/** Parses a kubeconfig, JSON or YAML. Throws KUBECONFIG_DAMAGED naming `path`. An empty text is an empty kubeconfig. */
export async function parseKubeconfig(text: string, path: string): Promise<Kubeconfig> {
  const document = await parseText(text, path)
  if (document !== null && (typeof document !== 'object' || Array.isArray(document)))
    throw damaged(path, 'it is no mapping of clusters, users and contexts')
  const fields = (document ?? {}) as Fields
  const current = fields['current-context']
  return {
    clusters: namedList(fields, 'clusters', 'cluster', path),
    users: namedList(fields, 'users', 'user', path),
    contexts: namedList(fields, 'contexts', 'context', path),
    currentContext: typeof current === 'string' && current !== '' ? current : undefined,
  }
}

async function parseText(text: string, path: string): Promise<unknown> {
  try {
    if (text.trimStart().startsWith('{')) return JSON.parse(text) as unknown
  } catch {
    // A YAML flow mapping starts like JSON.
  }
  // Our own kubeconfigs are JSON, so that most commands never load the YAML parser (20 ms).
  const { parseYaml } = await import('./kubeconfig-yaml.ts')
  return parseYaml(text, path)
}

function namedList(document: Fields, list: string, key: string, path: string): Named[] {
  const entries = document[list] ?? []
  if (!Array.isArray(entries)) throw damaged(path, `${list} is no list`)
  return entries.map((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null) throw damaged(path, `${list} holds what is no mapping`)
    const { name, [key]: fields } = entry as Fields
    return {
      name: typeof name === 'string' ? name : '',
      fields: typeof fields === 'object' && fields !== null ? (fields as Fields) : {},
    }
  })
}

/** The entry of that name, if there is one. */
export function findNamed(list: readonly Named[], name: unknown): Fields | undefined {
  return list.find((entry) => entry.name === name)?.fields
}

/** Follows context `name` to its cluster and user. Throws KUBECONFIG_DAMAGED when one of them is missing. */
export function resolveContext(config: Kubeconfig, name: string, path: string): ResolvedContext {
  const context = findNamed(config.contexts, name)
  if (context === undefined) throw damaged(path, `it has no context ${name}`)
  const cluster = findNamed(config.clusters, context['cluster'])
  const user = findNamed(config.users, context['user'])
  const server = cluster?.['server']
  if (cluster === undefined || typeof server !== 'string' || server === '')
    throw damaged(path, `context ${name} names no cluster with a server`)
  if (user === undefined) throw damaged(path, `context ${name} names no user`)
  return { name, server, context, cluster, user }
}
