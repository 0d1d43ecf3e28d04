/** What is known of all components: the list, and what can be done with each. */
import type { Step } from '../engine/step.ts'
import type { Health, KubeObject } from './cluster.ts'
import type { Component, InstallOptions, InstallSteps, RemoveOptions } from './component.ts'
import type { HandOverOptions, HandOverSteps } from './hand-over.ts'
import type { Infrastructure } from './infrastructure.ts'
import type { Pipelines } from './pipelines.ts'
import type { ClusterClient } from './ports.ts'
import type { GitOps, GitServer, Repositories } from './slots.ts'

/** How a component is now. */
export interface ComponentState extends Health {
  /** ISO 8601 instant at which its oldest workload was made; absent where it has none. */
  readonly createdAt?: string
  /** Of its pods, bytes; absent where it has none. */
  readonly memory?: {
    readonly requestedBytes: number
    /** Working set; absent where the nodes do not tell. */
    readonly usedBytes?: number
  }
}

/** What workflows know of components: the list, how one is installed, and how it feels. */
export interface ComponentRegistry {
  readonly all: readonly Component[]
  /** Throws USAGE_UNKNOWN_COMPONENT with the nearest names. */
  find(id: string): Component
  install(component: Component, options: InstallOptions): InstallSteps
  /** The step that takes a component out. */
  remove(component: Component, options: RemoveOptions): Step<object>
  /** Objects without which the component may not go: only it can undo what they stand for. */
  outlived(
    component: Component,
    client: Pick<ClusterClient, 'list'>,
    signal: AbortSignal,
  ): Promise<readonly KubeObject[]>
  /** How the repositories inside the cluster are reached; undefined unless one of these components serves them. */
  gitServer(ids: readonly string[]): GitServer | undefined
  /** Repositories of demos; undefined unless one of these components serves repositories. */
  repositories(ids: readonly string[]): Repositories | undefined
  /** How applications are spoken to; undefined unless one of these components keeps them in line. */
  gitOps(ids: readonly string[]): GitOps | undefined
  /** How infrastructure programs are declared; undefined unless one of these components runs them. */
  infrastructure(ids: readonly string[]): Infrastructure | undefined
  /** How pipelines are run; by the first in the registry's order where several can. Undefined unless one can. */
  pipelines(ids: readonly string[]): Pipelines | undefined
  /** Undefined unless the slots `git` and `gitops` are filled. */
  handOver(options: HandOverOptions): HandOverSteps | undefined
  /** How these are now, in their order. Throws what the API refuses; only memory in use may be missing. */
  states(
    components: readonly Component[],
    client: Pick<ClusterClient, 'list' | 'podMemory'>,
    signal: AbortSignal,
  ): Promise<readonly ComponentState[]>
}
