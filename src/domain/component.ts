/** What fills a slot in the cluster: a record that says what it needs and how its manifest becomes healthy. */
import type { Clock } from '../engine/clock.ts'
import type { Step } from '../engine/step.ts'
import type { ClusterAccess, Health, KubeObject } from './cluster.ts'
import type { Endpoint } from './endpoint.ts'
import type { Artifacts, Assets, ClusterClient, ResourceRef } from './ports.ts'
import type { Registry } from './registry-slot.ts'

/** Roles in the cluster that demos and other components rely on. */
export type Slot = 'git' | 'gitops' | 'pipelines' | 'registry' | 'builder' | 'infrastructure' | 'ui'

/** Where a component's objects come from: a pinned manifest from outside, or a file of play's own below assets/. */
export type ManifestSource = { readonly artifact: string } | { readonly asset: string }

/** What makes handing over a change of nothing: objects look from the start as if the new owner had applied them. */
export interface Adoption {
  /** Objects are applied under its name, or play would own the fields as well, and one that git drops would stay. */
  readonly fieldManager: string
  /** With the mark by which the owner knows the objects of the application that is called like the component; pure. */
  mark(object: KubeObject, component: Pick<Component, 'id' | 'namespace'>): KubeObject
}

/** One implementation of a slot. */
export interface Component {
  /** Also its name on the command line. */
  readonly id: string
  readonly title: string
  readonly summary: string
  readonly slot: Slot
  /** Slots that must be filled for this one to work. */
  readonly needs: readonly Slot[]
  /** Installed unless `--without` says otherwise. */
  readonly byDefault: boolean
  readonly version: string
  /** Namespace of everything it has that is namespaced. */
  readonly namespace: string
  readonly manifest: ManifestSource
  /** Which objects of the manifest are meant; all of them if left out. */
  selects?(object: KubeObject): boolean
  /** True when the namespace is another component's, which makes it and takes it away. */
  readonly sharesNamespace?: boolean
  /** What it runs, unless every node image has it: known before the manifest is read. */
  readonly images?: readonly string[]
  /** What its controller will have pods run later: loaded where a bundle has it, and not asked for where it has not. */
  readonly alsoRuns?: readonly string[]
  /** Kinds whose objects stand for things outside: only while it runs can they be deleted, so that it must stay. */
  readonly mustOutlive?: readonly ResourceRef[]
  /** What `play open` offers of it; nothing if left out. */
  readonly endpoints?: readonly Endpoint[]
  /** Objects that play adds to the upstream manifest. */
  readonly extraObjects: readonly KubeObject[]
  /** Objects with generated secrets: created where they are missing, and then left alone. */
  generate?(): readonly KubeObject[]
  /** For the slot `gitops`: how play applies what this component is to take over. */
  readonly adoption?: Adoption
  /** Changes that this product needs whatever the cluster; pure. */
  adjust(object: KubeObject): KubeObject
  /** For the slot `builder`: changes that it needs to push to a registry outside the cluster; pure. */
  pushTo?(object: KubeObject, registry: Registry): KubeObject
}

/** What installing a component needs from outside. */
export interface InstallOptions {
  /** Id of the playground. */
  readonly root: string
  /** Its name. */
  readonly name: string
  readonly clock: Clock
  readonly artifacts: () => Promise<Artifacts>
  readonly assets: Assets
  /** One client per cluster, shared by all steps. */
  readonly client: (access: ClusterAccess) => Promise<ClusterClient>
  readonly access: Step<ClusterAccess>
  /** Ends when pods can be scheduled; what is applied before would only slow the control plane's start. */
  readonly schedulable: Step<unknown>
  /** Ends when pods reach the API by its service address; pods that start before crash and wait to be tried again. */
  readonly network: Step<unknown>
  /** Ends when it is known that all images can be had: nothing is applied that could not run. As `images`, known late. */
  readonly required: () => Step<unknown>
  /** Ends when images that nodes cannot pull are on them. Known only after the manifests' steps, which it needs. */
  readonly images: () => Step<unknown>
  /** Patience for a single step, milliseconds. */
  readonly timeoutMs: number
  /** Of the component that fills `gitops`, if one does. */
  readonly adoption: Adoption | undefined
  /** Version of the component that is there; undefined where there is none, or nobody noted it. */
  readonly installedVersion?: string | undefined
}

/** What removing a component needs from outside. */
export interface RemoveOptions extends Pick<
  InstallOptions,
  'artifacts' | 'assets' | 'client' | 'access' | 'timeoutMs' | 'clock'
> {
  /** What must have ended before: whoever would bring it back no longer wants it. */
  readonly after: readonly Step<unknown>[]
}

/** The steps of one component; `manifest` can run before there is a cluster. */
export interface InstallSteps {
  readonly manifest: Step<readonly KubeObject[]>
  readonly apply: Step<{ readonly objects: number }>
  readonly start: Step<{ readonly objects: number }>
  readonly ready: Step<Health>
}

/** Label on every object of a component: which one it belongs to. */
export const componentLabel = 'dev.play.component'
/** Annotation on every object: digest of the object as it was applied. */
export const digestAnnotation = 'dev.play/digest'
/** Annotation on a component's namespace: images that its controller may have pods run, with spaces between them. */
export const alsoRunsAnnotation = 'dev.play/also-runs'
/** Label on everything that play makes in a cluster: id of the playground. */
export const rootLabel = 'dev.play.root'

/** Identity, for inference. */
export function defineComponent(component: Component): Component {
  return component
}
