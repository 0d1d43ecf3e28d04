/** What the status of an Argo Workflow says, as steps and pods (workflow_types.go of v4.0.7); pure. */
import type { KubeObject } from '../../domain/cluster.ts'
import { given } from '../../domain/given.ts'
import { oldestFirst } from '../../domain/oldest-first.ts'
import { isFinal } from '../../domain/pipeline-phase.ts'
import type { PipelinePhase, PipelinePod, PipelineState, PipelineStep } from '../../domain/pipelines.ts'
import { containerSteps } from './argo-containers.ts'
import {
  containersOf,
  containerStep,
  plan,
  type Container,
  type Planned,
  type Spec,
  type StoredTemplates,
} from './argo-template.ts'
import { containerStates, outputsOf, pipelinePod } from './run-pods.ts'

interface Outputs {
  readonly parameters?: readonly { readonly name: string; readonly value?: unknown }[]
}

interface Node {
  readonly id: string
  /** Unique: the workflow's name, and behind it the way through the templates: `wf.task(0)`, `wf[0].step`. */
  readonly name: string
  readonly type: string
  readonly phase?: string
  readonly message?: string
  readonly templateName?: string
  readonly templateRef?: { readonly name?: string; readonly template?: string }
  readonly startedAt?: string | null
  readonly finishedAt?: string | null
  readonly outputs?: Outputs
}

interface Status {
  readonly phase?: string
  readonly message?: string
  readonly nodes?: Readonly<Record<string, Node>>
  /** What steps export under a name of their own. */
  readonly outputs?: Outputs
  /** The specification as it runs, where the workflow refers to a template. */
  readonly storedWorkflowTemplateSpec?: Spec
  readonly storedTemplates?: StoredTemplates
}

/** Nodes that do something; the others (DAG, Steps, StepGroup, TaskGroup) hold those together, or are within (Container). */
const working = new Set(['Pod', 'Retry', 'Skipped', 'Suspend', 'HTTP', 'Plugin'])

const phases: Readonly<Record<string, PipelineStep['phase']>> = {
  Running: 'running',
  Succeeded: 'succeeded',
  Failed: 'failed',
  Error: 'failed',
  Skipped: 'skipped',
  Omitted: 'skipped',
}

/** How a node or a workflow ends that was told to shut down. */
const stopWords = /^(?:Stopped|workflow shutdown) with strategy/

/** All that is known of a run, found by name. */
interface Run {
  /** Name of the workflow. */
  readonly name: string
  readonly nodes: ReadonlyMap<string, Node>
  readonly pods: ReadonlyMap<string, KubeObject>
  readonly planned: readonly Planned[]
  /** The containers of a node's pod, or of that of a step that has no node yet. */
  readonly containers: (node: Node | undefined, path: string) => readonly Container[]
}

/** The workflow and its pods as one state. */
export function argoState(workflow: KubeObject, pods: readonly KubeObject[]): PipelineState {
  const { name } = workflow.metadata
  const status = (workflow['status'] ?? {}) as Status
  const own = (workflow['spec'] ?? {}) as Spec & { readonly shutdown?: string }
  const phase = phaseOf(status) as PipelinePhase
  const run = runOf(workflow, status, status.storedWorkflowTemplateSpec ?? own, pods)
  const isStopping = phase === 'stopped' || own.shutdown !== undefined
  const found = leaves(run).map((step) => (isStopping ? stoppedWithIt(step) : step))
  const steps = inOrder(run, found, phase)
  const results = [run.nodes.get(name)?.outputs, status.outputs].flatMap(
    (outputs) => outputs?.parameters ?? [],
  )
  return {
    phase,
    message: reasonOf(phase, steps, status),
    steps,
    pods: pods.toSorted(oldestFirst).map((pod) => podOf(pod, run)),
    outputs: isFinal(phase) ? outputsOf(results) : {},
  }
}

function runOf(
  { metadata: { name } }: KubeObject,
  { nodes = {}, storedTemplates = {} }: Status,
  spec: Spec,
  pods: readonly KubeObject[],
): Run {
  const planned = plan(spec, storedTemplates, name)
  return {
    name,
    nodes: new Map(Object.values(nodes).map((node) => [node.name, node])),
    pods: new Map(pods.map((pod) => [pod.metadata.name, pod])),
    planned,
    containers: (node, path) =>
      planned.find((step) => step.path === path)?.containers ??
      containersOf(node ?? {}, spec, storedTemplates),
  }
}

/** A program that is told to end ends by a signal, which the node alone does not tell from a failure. */
function stoppedWithIt(step: PipelineStep): PipelineStep {
  const isKilled = step.phase === 'failed' && /\bexit code (137|143)\b/.test(step.message)
  return isKilled ? { ...step, phase: 'stopped' } : step
}

/** The words of the step that failed first, since those of the workflow say only that one did. */
function reasonOf(phase: PipelinePhase, steps: readonly PipelineStep[], { message = '' }: Status): string {
  if (phase === 'stopped') return message
  if (phase !== 'failed') return ''
  const end = ({ finishedAt = '~' }: PipelineStep): string => finishedAt
  const failed = steps.filter((step) => step.phase === 'failed' && step.message !== '')
  return failed.toSorted((one, other) => end(one).localeCompare(end(other)))[0]?.message ?? message
}

function phaseOf({ phase = '', message = '' }: Pick<Node, 'phase' | 'message'>): PipelineStep['phase'] {
  const word = phases[phase] ?? 'waiting'
  return word === 'failed' && stopWords.test(message) ? 'stopped' : word
}

/** A node's way through the templates, or the workflow's own name where it is made of one template only. */
function pathOf(name: string, workflow: string): string {
  return (
    name
      .slice(workflow.length)
      .replaceAll(/\[\d+\]/g, '')
      .replace(/^\./, '') || workflow
  )
}

/** The node of which this one is a try: `wf.task(1)` is one of `wf.task` if that is a Retry node. */
function triedBy(name: string, nodes: ReadonlyMap<string, Node>): Node | undefined {
  const retry = nodes.get(name.replace(/\(\d+\)$/, ''))
  return retry?.name !== name && retry?.type === 'Retry' ? retry : undefined
}

function leaves(run: Run): PipelineStep[] {
  const all = [...run.nodes.values()].toSorted((one, other) => startOf(one).localeCompare(startOf(other)))
  return all
    .filter(({ type, name }) => working.has(type) && triedBy(name, run.nodes) === undefined)
    .flatMap((node) => {
      const tries = all.filter(({ name }) => triedBy(name, run.nodes) === node)
      // Tries of a whole group are no step: what is in the group is.
      if (node.type === 'Retry' && tries.some(({ type }) => type !== 'Pod')) return []
      return stepsOf(node, tries.at(-1) ?? node, run)
    })
}

function startOf({ startedAt }: Node): string {
  return startedAt ?? ''
}

/** The steps that the containers of a node's pod are; `last` ran it last: the node itself unless that was tried again. */
function stepsOf(node: Node, last: Node, run: Run): PipelineStep[] {
  const step = stepOf(node, last, run.name)
  if (last.type !== 'Pod' && last.type !== 'Skipped') return [step]
  const told = (container: string): PipelineStep | undefined => {
    const inner = run.nodes.get(`${last.name}.${container}`)
    return inner?.type === 'Container' ? stepOf(inner, inner, run.name) : undefined
  }
  return containerSteps(step, {
    ...{ workflow: run.name, told },
    containers: run.containers(last, step.name),
    states: containerStates(run.pods.get(step.pod ?? '')),
    isTriedAgain: node.type === 'Retry' && step.phase === 'running',
  })
}

/** A node as a step. */
function stepOf(node: Node, last: Node, workflow: string): PipelineStep {
  const phase = phaseOf(node)
  const message = (phase === 'failed' ? last.message : undefined) ?? node.message ?? ''
  return {
    name: pathOf(node.name, workflow),
    after: [],
    phase,
    ...given('pod', last.type === 'Pod' ? podName(last, workflow) : undefined),
    ...given('startedAt', node.startedAt),
    ...given('finishedAt', node.finishedAt),
    // inferFailedReason puts the container's name in front.
    message: message.replace(/^main: /, ''),
  }
}

/** util.GeneratePodName: the node's id with the template's name in it, but the bare id for the only node. */
function podName({ id, name, templateName = '', templateRef }: Node, workflow: string): string {
  const template = templateRef?.template ?? templateName
  return name === workflow || template === '' ? id : `${workflow}-${template}${id.slice(workflow.length)}`
}

function podOf(pod: KubeObject, { name: workflow, nodes, containers }: Run): PipelinePod {
  const name = pod.metadata.annotations?.['workflows.argoproj.io/node-name'] ?? pod.metadata.name
  const path = pathOf(triedBy(name, nodes)?.name ?? name, workflow)
  const steps = containers(nodes.get(name), path).map((container): [string, string] => [
    container.name,
    containerStep(path, container.name, workflow),
  ])
  return pipelinePod(pod, new Map(steps))
}

/** The steps in the plan's order, each with what it waits for; those that nobody foresaw (exit handlers) come last. */
function inOrder(
  { name: workflow, planned }: Run,
  steps: readonly PipelineStep[],
  phase: PipelinePhase,
): PipelineStep[] {
  const isUnder = (name: string, path: string): boolean =>
    name === path || (/^[.(]/.test(name.slice(path.length)) && name.startsWith(path))
  const under = ({ path, containers }: Planned): readonly PipelineStep[] => {
    const foreseen = foreseenSteps(path, containers, workflow, phase)
    const found = steps.filter(
      ({ name }) => isUnder(name, path) || foreseen.some((step) => step.name === name),
    )
    return found.length > 0 ? found : foreseen
  }
  const ends = (path: string): string[] => {
    const group = planned.filter((step) => step.path === path).flatMap(under)
    return group.map(({ name }) => name).filter((name) => !group.some(({ after }) => after.includes(name)))
  }
  const known = planned.flatMap((each) => {
    const after = each.after.flatMap(ends)
    return under(each).map((step) => (step.after.length > 0 ? step : { ...step, after }))
  })
  return [...known, ...steps.filter(({ name }) => known.every((step) => step.name !== name))]
}

/** The steps of a pod that has no node. */
function foreseenSteps(
  path: string,
  containers: readonly Container[],
  workflow: string,
  run: PipelinePhase,
): readonly PipelineStep[] {
  const phase = isFinal(run) ? 'skipped' : 'waiting'
  return containers.map(({ name, dependencies = [] }) => ({
    name: containerStep(path, name, workflow),
    after: dependencies.map((other) => containerStep(path, other, workflow)),
    phase,
    message: '',
  }))
}
