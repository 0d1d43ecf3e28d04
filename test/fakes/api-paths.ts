/** The paths of the Kubernetes API, as the stand-in reads them. */
/** Kinds that the stand-in serves besides custom ones; its own table, so that a wrong plural in the adapter is found. */
export const standInKinds: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  v1: {
    namespaces: 'Namespace',
    nodes: 'Node',
    configmaps: 'ConfigMap',
    secrets: 'Secret',
    pods: 'Pod',
    serviceaccounts: 'ServiceAccount',
  },
  'apps/v1': { deployments: 'Deployment', statefulsets: 'StatefulSet' },
  'networking.k8s.io/v1': { networkpolicies: 'NetworkPolicy' },
  'apiextensions.k8s.io/v1': { customresourcedefinitions: 'CustomResourceDefinition' },
}

/** What a path names. */
export interface Target {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace?: string
  readonly name?: string
  readonly subresource?: string
}

/** The selectors of a query. */
export function selectorOf(
  { namespace }: Target,
  query: URLSearchParams,
): { namespace?: string; labelSelector?: string; fieldSelector?: string } {
  const labelSelector = query.get('labelSelector')
  const fieldSelector = query.get('fieldSelector')
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(labelSelector === null ? {} : { labelSelector }),
    ...(fieldSelector === null ? {} : { fieldSelector }),
  }
}

/** Group version and the rest of an API path. */
export function splitPath(path: string): { readonly apiVersion: string; readonly rest: readonly string[] } {
  const [root, ...parts] = path.split('/').slice(1).map(decodeURIComponent)
  if (root === 'api') return { apiVersion: parts[0] ?? '', rest: parts.slice(1) }
  if (root === 'apis') return { apiVersion: parts.slice(0, 2).join('/'), rest: parts.slice(2) }
  return { apiVersion: '', rest: [] }
}

/** What the rest of a path names; undefined for no resource of that group version. */
export function targetOf(
  apiVersion: string,
  rest: readonly string[],
  resources: readonly { name: string; kind: string }[],
): Target | undefined {
  const inNamespace = rest[0] === 'namespaces' && rest.length > 2
  const [plural, name, subresource] = inNamespace ? rest.slice(2) : rest
  const kind = resources.find((resource) => resource.name === plural)?.kind
  if (kind === undefined) return undefined
  return {
    apiVersion,
    kind,
    ...(inNamespace && rest[1] !== undefined ? { namespace: rest[1] } : {}),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
  }
}
