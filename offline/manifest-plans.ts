// Which manifests a bundle holds, and what is changed in them so that they can be applied as they are.
import { VERSIONS } from './go-modules.ts'
import type { ManifestObject, ManifestPlan } from './module-file-recipes.ts'
import { ARGO_CD_CORE, ARGO_CD_FULL, ARGO_WORKFLOWS } from './pins.ts'

const CLUSTER_KINDS = new Set([
  'CustomResourceDefinition',
  'ClusterRole',
  'ClusterRoleBinding',
  'PriorityClass',
  'Namespace',
])

const WORKFLOWS_NAMESPACE = 'argo'

function inNamespace(object: ManifestObject, namespace: string): ManifestObject {
  const subjects = object['subjects']
  const bound = Array.isArray(subjects)
    ? { subjects: subjects.map((subject: object) => ({ ...subject, namespace })) }
    : {}
  if (CLUSTER_KINDS.has(object.kind)) return { ...object, ...bound }
  return { ...object, ...bound, metadata: { ...object.metadata, namespace } }
}

// Replaces the tag in every field named image, however deep: upstream writes `latest`, which no release is named.
function withImageTag(value: unknown, from: string, to: string): unknown {
  if (Array.isArray(value)) return value.map((item) => withImageTag(item, from, to))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, field]: [string, unknown]) => [
      name,
      name === 'image' && typeof field === 'string' && field.endsWith(from)
        ? field.slice(0, -from.length) + to
        : withImageTag(field, from, to),
    ]),
  )
}

/** What upstream's kustomization for a whole cluster does: one namespace for everything, and for the subjects of bindings. */
export function adaptWorkflows(objects: readonly ManifestObject[]): readonly ManifestObject[] {
  const namespace: ManifestObject = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: WORKFLOWS_NAMESPACE },
  }
  const adapted = objects.map((object) => inNamespace(object, WORKFLOWS_NAMESPACE))
  const tagged = withImageTag(adapted, ':latest', `:${VERSIONS.argoWorkflows}`) as readonly ManifestObject[]
  return [namespace, ...tagged]
}

// Argo CD's namespace is whoever applies it to choose; upstream leaves it out of the objects too.
const unchanged = (objects: readonly ManifestObject[]): readonly ManifestObject[] => objects

/** Argo CD without its web server. */
export const ARGO_CD_CORE_PLAN: ManifestPlan = {
  name: 'argo-cd',
  version: VERSIONS.argoCdManifests,
  description: `core-install.yaml of Argo CD ${VERSIONS.argoCdManifests} as JSON, unchanged`,
  files: ARGO_CD_CORE,
  adapt: unchanged,
}

/** All of Argo CD. */
export const ARGO_CD_FULL_PLAN: ManifestPlan = {
  name: 'argo-cd-full',
  version: VERSIONS.argoCdManifests,
  description: `install.yaml of Argo CD ${VERSIONS.argoCdManifests} as JSON, unchanged; its dex image is in no bundle`,
  files: ARGO_CD_FULL,
  adapt: unchanged,
}

/** Argo Workflows: minimal CRDs and the controller for the whole cluster. */
export const ARGO_WORKFLOWS_PLAN: ManifestPlan = {
  name: 'argo-workflows',
  version: VERSIONS.argoWorkflows,
  description:
    `Argo Workflows ${VERSIONS.argoWorkflows} as JSON: minimal CRDs and the controller for the whole cluster in the namespace ` +
    `${WORKFLOWS_NAMESPACE}, images at ${VERSIONS.argoWorkflows} instead of latest, without argo-server`,
  files: ARGO_WORKFLOWS,
  adapt: adaptWorkflows,
}
