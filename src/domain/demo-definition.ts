/** A demo as its folder's demo.yaml describes it: the same words for those that play ships and for a person's own. */
import type { KubeObject } from './cluster.ts'
import type { Slot } from './component.ts'
import type { ResourceRef } from './ports.ts'

/** Something that whoever runs the demo may choose. */
export interface DemoOption {
  readonly summary: string
  readonly default: string
  /** All that may be chosen besides the default; anything if left out. */
  readonly choices?: readonly string[]
}

/** A file of the demo's folder, or one for each product that can fill the slot `pipelines`, by the component's id. */
export type DemoFile = string | Readonly<Record<string, string>>

/** Applies objects; `demo stop` deletes them. */
export interface ApplyAction {
  readonly apply: { readonly files: readonly DemoFile[] }
}

/** Commits a folder to a repository inside the cluster, which is made first if need be. Outputs: commit. */
export interface PushAction {
  readonly push: {
    readonly repository: string
    readonly folder: string
    /** A folder whose files take the place of those of the same path; one that is not there changes nothing. */
    readonly overlay?: string
    /** Text to be replaced in one of the files, which has to have it. */
    readonly replace?: readonly { readonly file: string; readonly from: string; readonly to: string }[]
    readonly message?: string
    /** What the slot `gitops` is to keep in line with the repository. */
    readonly application?: { readonly name: string; readonly namespace: string; readonly path?: string }
  }
}

/** Runs a pipeline to its end and shows it. Outputs: name, log, and those of the pipeline itself. */
export interface WorkflowAction {
  readonly workflow: {
    readonly file: DemoFile
    readonly parameters?: Readonly<Record<string, string>>
  }
}

/** Waits for an application, or for a field of an object. */
export interface WaitAction {
  readonly wait:
    | {
        readonly application: string
        /** The commit that it has to be in line with; the newest if left out. */
        readonly revision?: string
        /** The repository in which that commit is undone when the application does not become healthy with it. */
        readonly revert?: string
      }
    | {
        readonly object: ResourceRef & { readonly name: string }
        /** Names of fields with dots between them, such as status.readyReplicas. */
        readonly field: string
        readonly equals: string
      }
}

/** Asks a service inside the cluster through a port-forward until it answers as expected. Outputs: body. */
export interface HttpAction {
  readonly http: {
    readonly namespace: string
    /** Labels, as a=b, of the pods that serve. */
    readonly selector: string
    readonly port: number
    readonly path?: string
    /** HTTP status; 200 if left out. */
    readonly status?: number
    readonly contains?: string
  }
}

/** Runs a command in a pod that runs. Outputs: stdout. */
export interface ExecAction {
  readonly exec: {
    readonly namespace: string
    readonly selector: string
    readonly container?: string
    readonly command: readonly string[]
  }
}

export type DemoAction = ApplyAction | PushAction | WorkflowAction | WaitAction | HttpAction | ExecAction

/** One step: what a person sees, when its turn is, and what it does. */
export type DemoStep = DemoAction & {
  /** Unique in the demo; others name its outputs by it. */
  readonly id: string
  readonly title: string
  /** Ids of earlier steps that must have ended before; the step before this one if left out. */
  readonly after?: readonly string[]
}

/**
 * A demo. Texts of steps, `message`, `outputs` and `next` may hold references: `${options.NAME}`, `${steps.ID.OUTPUT}`,
 * `${run.id}` (different each time), `${git.read.NAME}` and `${git.push.NAME}` (addresses of a repository for pods), and
 * `${registry}` (address of the registry). Files of the folder are taken as they are.
 */
export interface DemoDefinition {
  /** Name of its folder. */
  readonly id: string
  readonly title: string
  readonly summary: string
  /** About how long it takes, for a person who decides. */
  readonly takes: string
  readonly needs: readonly Slot[]
  readonly options: Readonly<Record<string, DemoOption>>
  readonly steps: readonly DemoStep[]
  /** What it proved, for a person. */
  readonly message: string
  /** The same for programs. */
  readonly outputs: Readonly<Record<string, string>>
  /** Commands to go on with. */
  readonly next: readonly string[]
}

/** What the demo pushes, in the order of its steps. */
export function pushesOf({ steps }: DemoDefinition): readonly PushAction['push'][] {
  return steps.flatMap((step) => ('push' in step ? [step.push] : []))
}

/** A demo and the folder it is in. */
export interface DemoFolder {
  readonly definition: DemoDefinition
  /** Text of a file below the folder. Throws DEMO_INVALID for one that is not there or leads out of it. */
  read(path: string): Promise<string>
  /** Objects of a YAML file below the folder. Throws DEMO_INVALID with file, line and column. */
  objects(path: string): Promise<readonly KubeObject[]>
  /** Paths of all files below a folder of it, relative to that, with forward slashes, sorted; none where there is no folder. */
  files(path: string): Promise<readonly string[]>
}

/** Where demos come from. */
export interface DemoFolders {
  /** Ids of those that play ships, in the order in which they are shown. */
  readonly shipped: readonly string[]
  /** Throws USAGE_UNKNOWN_DEMO with the nearest names. */
  open(id: string): Promise<DemoFolder>
  /** A person's own. Throws DEMO_INVALID with file, line and column. */
  openOwn(directory: string): Promise<DemoFolder>
  /** Copies one that play ships into a folder that is not there or empty. Throws DEMO_COPY_REFUSED. */
  copy(id: string, directory: string): Promise<readonly string[]>
}
