/** From a kind to its path at the API: a table for the built-in kinds, discovery for all others. */
import { ApiStatusError, isNotFound } from './api-errors.ts'

/** Where the objects of a kind live. */
export interface Resource {
  readonly apiVersion: string
  readonly kind: string
  /** The word in the path, such as `deployments`. */
  readonly plural: string
  readonly namespaced: boolean
}

/** Stable kinds of Kubernetes 1.27 and later, so that no discovery is needed for them. `!` marks those outside namespaces. */
const builtIn: Readonly<Record<string, string>> = {
  v1: 'ConfigMap Endpoints Event LimitRange Namespace! Node! PersistentVolume! PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount',
  'apps/v1': 'ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet',
  'batch/v1': 'CronJob Job',
  'rbac.authorization.k8s.io/v1': 'ClusterRole! ClusterRoleBinding! Role RoleBinding',
  'apiextensions.k8s.io/v1': 'CustomResourceDefinition!',
  'apiregistration.k8s.io/v1': 'APIService!',
  'networking.k8s.io/v1': 'Ingress IngressClass! NetworkPolicy',
  'policy/v1': 'PodDisruptionBudget',
  'storage.k8s.io/v1': 'CSIDriver! CSINode! StorageClass! VolumeAttachment!',
  'scheduling.k8s.io/v1': 'PriorityClass!',
  'coordination.k8s.io/v1': 'Lease',
  'autoscaling/v2': 'HorizontalPodAutoscaler',
  'events.k8s.io/v1': 'Event',
  'discovery.k8s.io/v1': 'EndpointSlice',
  'certificates.k8s.io/v1': 'CertificateSigningRequest!',
  'admissionregistration.k8s.io/v1': 'MutatingWebhookConfiguration! ValidatingWebhookConfiguration!',
}

/** The built-in kind, or undefined for one that only discovery knows. */
export function builtInResource(apiVersion: string, kind: string): Resource | undefined {
  const entry = builtIn[apiVersion]?.split(' ').find((word) => word.replace('!', '') === kind)
  if (entry === undefined) return undefined
  return { apiVersion, kind, plural: pluralOf(kind), namespaced: !entry.endsWith('!') }
}

/** The plural of a built-in kind, which follows English but for one. */
function pluralOf(kind: string): string {
  const word = kind.toLowerCase()
  if (word === 'endpoints') return word
  if (word.endsWith('s')) return `${word}es`
  return word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}s`
}

/** The path of a resource's collection (in one namespace or all) or, with a name, of one object. */
export function pathOf(resource: Resource, namespace: string | undefined, name?: string): string {
  const { apiVersion, plural } = resource
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const scope =
    resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : ''
  return `${root}${scope}/${plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`
}

/** Thrown for a kind that the server does not serve (yet); like the server's own answer for such a path. */
function notServed(apiVersion: string, kind: string): ApiStatusError {
  return new ApiStatusError(404, `the cluster does not serve the kind ${kind} of ${apiVersion}`)
}

/** Kinds by group version, as the server told; kept until a kind is missing in them. */
export class Discovery {
  readonly #read: (path: string) => Promise<unknown>
  readonly #known = new Map<string, readonly Resource[]>()
  readonly #underWay = new Map<string, Promise<readonly Resource[]>>()

  /** `read` GETs a path, under a signal of the client and not of one caller, because callers share the answer. */
  constructor(read: (path: string) => Promise<unknown>) {
    this.#read = read
  }

  /** The resource of a kind; throws `notServed` when the server, asked just now, has no such kind. */
  async find(apiVersion: string, kind: string): Promise<Resource> {
    const quick = builtInResource(apiVersion, kind) ?? this.#cached(apiVersion, kind)
    if (quick !== undefined) return quick
    await this.#ask(apiVersion)
    const found = this.#cached(apiVersion, kind)
    if (found === undefined) throw notServed(apiVersion, kind)
    return found
  }

  #cached(apiVersion: string, kind: string): Resource | undefined {
    return this.#known.get(apiVersion)?.find((resource) => resource.kind === kind)
  }

  /** Reads a group version; callers at the same time share one request. */
  async #ask(apiVersion: string): Promise<void> {
    const underWay = this.#underWay.get(apiVersion) ?? this.#discover(apiVersion)
    this.#underWay.set(apiVersion, underWay)
    try {
      this.#known.set(apiVersion, await underWay)
    } finally {
      this.#underWay.delete(apiVersion)
    }
  }

  async #discover(apiVersion: string): Promise<readonly Resource[]> {
    try {
      const answer = await this.#read(apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`)
      return resourcesOf(answer, apiVersion)
    } catch (error) {
      if (isNotFound(error)) return []
      throw error
    }
  }
}

/** The entries of an APIResourceList, without subresources. */
function resourcesOf(answer: unknown, apiVersion: string): Resource[] {
  const { resources } = (answer ?? {}) as { resources?: unknown }
  if (!Array.isArray(resources)) return []
  return (resources as { name?: unknown; kind?: unknown; namespaced?: unknown }[]).flatMap((entry) =>
    typeof entry.name === 'string' && typeof entry.kind === 'string' && !entry.name.includes('/')
      ? [{ apiVersion, kind: entry.kind, plural: entry.name, namespaced: entry.namespaced === true }]
      : [],
  )
}
