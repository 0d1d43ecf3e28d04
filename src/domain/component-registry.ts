/** What is known of all components: the list, and what can be done with each. */
import type { Step } from '../engine/step.ts'
import type { Health } from './cluster.ts'
import type { Component, InstallOptions, InstallSteps, RemoveOptions } from './component.ts'
import type { HandOverOptions, HandOverSteps } from './hand-over.ts'
import type { ClusterClient } from './ports.ts'
import type { GitOps, GitServer } from './slots.ts'

/** What workflows know of components: the list, how one is installed, and how it feels. */
export interface ComponentRegistry {
  readonly all: readonly Component[]
  /** Throws USAGE_UNKNOWN_COMPONENT with the nearest names. */
  find(id: string): Component
  install(component: Component, options: InstallOptions): InstallSteps
  /** The step that takes a component out. */
  remove(component: Component, options: RemoveOptions): Step<object>
  /** How the repositories inside the cluster are reached; undefined unless one of these components serves them. */
  gitServer(ids: readonly string[]): GitServer | undefined
  /** How applications are spoken to; undefined unless one of these components keeps them in line. */
  gitOps(ids: readonly string[]): GitOps | undefined
  /** Undefined unless the slots `git` and `gitops` are filled. */
  handOver(options: HandOverOptions): HandOverSteps | undefined
  health(component: Component, client: ClusterClient, signal: AbortSignal): Promise<Health>
}
