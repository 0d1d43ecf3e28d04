/** Objects in, objects out: what every manifest goes through before it is applied; pure. */
import { createHash } from 'node:crypto'
import type { KubeObject } from '../../domain/cluster.ts'
import {
  alsoRunsAnnotation,
  componentLabel,
  digestAnnotation,
  rootLabel,
  type Adoption,
  type Component,
} from '../../domain/component.ts'

const clusterScoped = new Set([
  'APIService',
  'ClusterRole',
  'ClusterRoleBinding',
  'CustomResourceDefinition',
  'IngressClass',
  'MutatingWebhookConfiguration',
  'Namespace',
  'PersistentVolume',
  'PriorityClass',
  'StorageClass',
  'ValidatingWebhookConfiguration',
])

/** Facts of this playground that a manifest depends on. */
export interface TransformOptions {
  readonly component: Component
  /** Id of the playground. */
  readonly root: string
  /** Of the component that fills `gitops`, if one does. */
  readonly adoption: Adoption | undefined
  /** Images are on the nodes: they must not be pulled. */
  readonly preloaded: boolean
}

/** The namespace first and once, if it is its own, then the component's objects, each labelled, placed and stamped with its digest. */
export function transform(objects: readonly KubeObject[], options: TransformOptions): KubeObject[] {
  const { component } = options
  const namespace: KubeObject = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: component.namespace,
      ...(component.alsoRuns === undefined
        ? {}
        : { annotations: { [alsoRunsAnnotation]: component.alsoRuns.join(' ') } }),
    },
  }
  const selected = objects.filter((object) => component.selects?.(object) ?? true)
  const others = [...selected, ...component.extraObjects].filter(
    ({ kind, metadata }) => kind !== 'Namespace' || metadata.name !== component.namespace,
  )
  return [...(component.sharesNamespace === true ? [] : [namespace]), ...others].map((object) =>
    stamp(
      mark(
        own(readiness(pullPolicy(component.adjust(place(object, component.namespace)), options)), options),
        options,
      ),
    ),
  )
}

/** Upstream manifests leave the namespace to whoever applies them. */
export function place(object: KubeObject, namespace: string): KubeObject {
  const placed = clusterScoped.has(object.kind)
    ? object
    : { ...object, metadata: { ...object.metadata, namespace: object.metadata.namespace ?? namespace } }
  const subjects = placed['subjects'] as { kind: string; namespace?: string }[] | undefined
  if (subjects === undefined) return placed
  return {
    ...placed,
    subjects: subjects.map((subject) =>
      subject.kind === 'ServiceAccount' ? { ...subject, namespace: subject.namespace ?? namespace } : subject,
    ),
  }
}

function own(object: KubeObject, { component, root }: TransformOptions): KubeObject {
  const labels = { ...object.metadata.labels, [componentLabel]: component.id, [rootLabel]: root }
  return { ...object, metadata: { ...object.metadata, labels } }
}

function mark(object: KubeObject, { adoption, component }: TransformOptions): KubeObject {
  return adoption?.mark(object, component) ?? object
}

/** Upstream says Always in places, which never starts where the image is only on the node. */
function pullPolicy(object: KubeObject, { preloaded }: TransformOptions): KubeObject {
  if (!preloaded) return object
  return editPodTemplate(object, (container) => ({ ...container, imagePullPolicy: 'IfNotPresent' }))
}

interface Probe {
  readonly initialDelaySeconds?: number
  readonly periodSeconds?: number
}

/** Upstream asks every 10 s whether a program is ready, which a person who waits for a playground feels. */
function readiness(object: KubeObject): KubeObject {
  return editPodTemplate(object, (container) => {
    const probe = container['readinessProbe'] as Probe | undefined
    if (probe === undefined) return container
    return { ...container, readinessProbe: { ...probe, initialDelaySeconds: 1, periodSeconds: 2 } }
  })
}

/** A container of a pod template, with whatever fields it has. */
export type ContainerFields = Readonly<Record<string, unknown>> & { readonly name: string }

/** Edits every container and init container of a workload's pod template; other objects pass unchanged. */
export function editPodTemplate(
  object: KubeObject,
  edit: (container: ContainerFields) => ContainerFields,
): KubeObject {
  const spec = object['spec'] as { template?: { spec?: Record<string, unknown> } } | undefined
  const pod = spec?.template?.spec
  if (pod?.['containers'] === undefined) return object
  const edited = Object.fromEntries(
    ['containers', 'initContainers']
      .filter((key) => Array.isArray(pod[key]))
      .map((key) => [key, (pod[key] as ContainerFields[]).map(edit)]),
  )
  return { ...object, spec: { ...spec, template: { ...spec?.template, spec: { ...pod, ...edited } } } }
}

/** With the digest of all of it, by which a later run sees whether it is as wanted. */
export function stamp(object: KubeObject): KubeObject {
  const digest = createHash('sha256').update(JSON.stringify(object)).digest('hex').slice(0, 16)
  const annotations = { ...object.metadata.annotations, [digestAnnotation]: digest }
  return { ...object, metadata: { ...object.metadata, annotations } }
}
