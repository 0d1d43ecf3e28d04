/** The registry of components: an explicit list, in the order in which they are shown. */
import type { Component } from '../domain/component.ts'
import type { ComponentRegistry } from '../domain/component-registry.ts'
import { PlayError } from '../domain/errors.ts'
import { nearest } from '../domain/names.ts'
import { buildkit } from './builder/buildkit.ts'
import { componentStates } from './install/component-states.ts'
import { installSteps } from './install/from-manifests.ts'
import { handOverSteps } from './hand-over/hand-over-steps.ts'
import { demoRepositories } from './git/demo-repositories.ts'
import { gitDaemon } from './git/git-daemon.ts'
import { gitDaemonServer } from './git/repository.ts'
import { argoApplications } from './gitops/argo-applications.ts'
import { argoCd } from './gitops/argo-cd.ts'
import { outlived } from './install/outlived.ts'
import { removeStep } from './install/remove.ts'
import { argoCdUi } from './gitops/argocd-ui.ts'
import { pulumiOperator } from './infrastructure/pulumi-operator.ts'
import { pulumiStacks } from './infrastructure/pulumi-stacks.ts'
import { argoPipelines } from './pipelines/argo-pipelines.ts'
import { argoWorkflows } from './pipelines/argo-workflows.ts'
import { tektonPipelines } from './pipelines/tekton-pipelines.ts'
import { tekton } from './pipelines/tekton.ts'
import { distribution } from './registry/distribution.ts'

/** Every component that play knows, each after those it needs. */
const components: readonly Component[] = [
  gitDaemon,
  argoCd,
  argoCdUi,
  argoWorkflows,
  tekton,
  pulumiOperator,
  distribution,
  buildkit,
]

/** What the workflows are given. */
export const componentRegistry: ComponentRegistry = {
  all: components,
  find(id) {
    const found = components.find((component) => component.id === id)
    if (found) return found
    const known = components.map((component) => component.id)
    throw PlayError.of('USAGE_UNKNOWN_COMPONENT', { name: id, near: nearest(id, known), known })
  },
  install: installSteps,
  remove: removeStep,
  outlived,
  gitServer: (ids) => (ids.includes(gitDaemon.id) ? gitDaemonServer : undefined),
  repositories: (ids) => (ids.includes(gitDaemon.id) ? demoRepositories : undefined),
  gitOps: (ids) => (ids.includes(argoCd.id) ? argoApplications : undefined),
  infrastructure: (ids) => (ids.includes(pulumiOperator.id) ? pulumiStacks : undefined),
  pipelines: (ids) => [argoPipelines, tektonPipelines].find(({ dialect }) => ids.includes(dialect)),
  handOver: handOverSteps,
  states: componentStates,
}
