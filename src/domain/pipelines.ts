/** What the slot `pipelines` promises to the rest of play, whichever product fills it. */
import type { KubeObject } from './cluster.ts'
import type { ClusterClient } from './ports.ts'

/** How far a run has come; the last three are final. */
export type PipelinePhase = 'waiting' | 'running' | 'succeeded' | 'failed' | 'stopped'

/** One unit of work of a pipeline; times are ISO 8601. */
export interface PipelineStep {
  /**
   * Unique in its pipeline; a step inside a group bears the group's name before a dot. Containers of one pod that wait
   * for each other are such a group, but the one that the pod is about (Argo's `main`) has the name of the group.
   */
  readonly name: string
  /** Names of the steps that must have ended before; known before anything has started. */
  readonly after: readonly string[]
  /** `skipped`: its condition was not met, or what it waits for failed. */
  readonly phase: PipelinePhase | 'skipped'
  /** Its pod, or that of the last try; missing while there is none. */
  readonly pod?: string
  /** When its turn came: its pod may have waited for longer. Of steps in one pod: when what they wait for had ended. */
  readonly startedAt?: string
  readonly finishedAt?: string
  /** Why it waits or failed, in the product's words; empty when there is nothing to tell. */
  readonly message: string
}

/** A container of a pod that runs a program of a step. Times are ISO 8601. */
export interface PipelineProgram {
  readonly container: string
  /** Name of its step. Several programs may be of one step, and one pod may run several steps. */
  readonly step: string
  /** True once the container has started: only then can its log be read. */
  readonly hasStarted: boolean
  readonly startedAt?: string
  readonly finishedAt?: string
}

/** One pod of a run: a step has several when it is tried again. Times are ISO 8601. */
export interface PipelinePod {
  readonly name: string
  /** As kubectl shows it: why it waits, such as ImagePullBackOff, else its phase. */
  readonly state: string
  /** Containers that run the pipeline's own programs, in the order in which the pod names them. */
  readonly programs: readonly PipelineProgram[]
  readonly createdAt?: string
  /** When the first program started: what lies before is waiting. */
  readonly startedAt?: string
  readonly finishedAt?: string
}

/** A run at one moment. */
export interface PipelineState {
  readonly phase: PipelinePhase
  /** Why it failed or was stopped, as far inside as can be told; empty otherwise. */
  readonly message: string
  /** In the order of the pipeline, those included whose turn has not come. */
  readonly steps: readonly PipelineStep[]
  /** Those that are there, the oldest first. */
  readonly pods: readonly PipelinePod[]
  /** What the pipeline as a whole answers, by name; empty before its end. */
  readonly outputs: Readonly<Record<string, string>>
}

/** Identifies a run. */
export interface PipelineRun {
  readonly namespace: string
  readonly name: string
}

/** How a run is observed. */
export interface ObserveOptions {
  readonly signal: AbortSignal
  /** Told what went wrong with looking at pods and steps: that costs the show, and the outcome is told all the same. */
  readonly onTrouble: (error: unknown) => void
}

/** The slot `pipelines`: runs steps in pods, in an order. */
export interface Pipelines {
  /** Id of the component, which is the folder below a demo's assets with its YAML in this product's words. */
  readonly dialect: string
  /** What kubectl calls its runs. */
  readonly resource: string
  /** Creates the run with these parameters; one that is not named keeps the object's own value. */
  submit(
    client: Pick<ClusterClient, 'create'>,
    object: KubeObject,
    parameters: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<PipelineRun>
  /**
   * The state at once and after each change; ends after a final one, which holds every pod that is there. One watch for
   * each kind of object. Throws PIPELINE_GONE when the run is not there or is deleted, or the signal's reason.
   */
  observe(
    client: Pick<ClusterClient, 'get' | 'list' | 'watch'>,
    run: PipelineRun,
    options: ObserveOptions,
  ): AsyncIterable<PipelineState>
  /** Lines that a program of a pod writes that has started, without the executor's own; follows to its end. */
  logs(
    client: Pick<ClusterClient, 'logs'>,
    run: PipelineRun,
    program: { readonly pod: string; readonly container: string },
    signal: AbortSignal,
  ): AsyncIterable<string>
  /**
   * Asks for the end of what runs; what a pipeline does at its end in any case is still done. Returns at once. Some
   * products refuse it for a run that is over (API_REJECTED).
   */
  stop(client: Pick<ClusterClient, 'patch'>, run: PipelineRun, signal: AbortSignal): Promise<void>
}
