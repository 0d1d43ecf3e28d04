/** What the status of an Argo Workflow says, as steps and pods (workflow_types.go of v4.0.7); pure. */
import type { KubeObject } from '../../domain/cluster.ts'
import type { PipelinePhase, PipelinePod, PipelineState, PipelineStep } from '../../domain/pipelines.ts'
import { given, oldestFirst, pipelinePod } from './run-pods.ts'

interface Node {
  readonly id: string
  /** Unique: the workflow's name, and behind it the way through the templates: `wf.task(0)`, `wf[0].step`. */
  readonly name: string
  readonly type: string
  readonly phase?: string
  readonly message?: string
  readonly templateName?: string
  readonly templateRef?: { readonly template?: string }
  readonly startedAt?: string | null
  readonly finishedAt?: string | null
}

interface Task {
  readonly name: string
  readonly dependencies?: readonly string[]
  /** An expression such as `a && (b.Failed || c)`. */
  readonly depends?: string
}

interface Spec {
  readonly entrypoint?: string
  readonly templates?: readonly {
    readonly name: string
    readonly dag?: { readonly tasks: readonly Task[] }
    readonly steps?: readonly (readonly { readonly name: string }[])[]
  }[]
}

interface Status {
  readonly phase?: string
  readonly message?: string
  readonly nodes?: Readonly<Record<string, Node>>
  /** The specification as it runs, where the workflow refers to a template. */
  readonly storedWorkflowTemplateSpec?: Spec
}

/** Nodes that do something; the others (DAG, Steps, StepGroup, TaskGroup, Container) hold those together. */
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

/** The workflow and its pods as one state. */
export function argoState(workflow: KubeObject, pods: readonly KubeObject[]): PipelineState {
  const { name } = workflow.metadata
  const status = (workflow['status'] ?? {}) as Status
  const spec = status.storedWorkflowTemplateSpec ?? (workflow['spec'] as Spec | undefined) ?? {}
  const phase = phaseOf(status) as PipelinePhase
  const nodes = new Map(Object.values(status.nodes ?? {}).map((node) => [node.name, node]))
  const found = leaves(nodes, name).map((step) => (phase === 'stopped' ? stoppedWithIt(step) : step))
  const steps = inOrder(plan(spec, name), found, phase)
  return {
    phase,
    message: reasonOf(phase, steps, status),
    steps,
    pods: pods.toSorted(oldestFirst).map((pod) => podOf(pod, nodes, name)),
  }
}

/** A pod that is told to end ends by a signal, which the node alone does not tell from a failure. */
function stoppedWithIt(step: PipelineStep): PipelineStep {
  const isKilled = step.phase === 'failed' && /\bexit code (137|143)\b/.test(step.message)
  return isKilled ? { ...step, phase: 'stopped' } : step
}

/** The words of the first step that failed, since those of the workflow say only that one did. */
function reasonOf(phase: PipelinePhase, steps: readonly PipelineStep[], { message = '' }: Status): string {
  if (phase === 'stopped') return message
  if (phase !== 'failed') return ''
  return steps.find((step) => step.phase === 'failed' && step.message !== '')?.message ?? message
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

function leaves(nodes: ReadonlyMap<string, Node>, workflow: string): PipelineStep[] {
  const all = [...nodes.values()].toSorted((one, other) => startOf(one).localeCompare(startOf(other)))
  return all
    .filter(({ type, name }) => working.has(type) && triedBy(name, nodes) === undefined)
    .flatMap((node) => {
      const tries = all.filter(({ name }) => triedBy(name, nodes) === node)
      // Tries of a whole group are no step: what is in the group is.
      if (node.type === 'Retry' && tries.some(({ type }) => type !== 'Pod')) return []
      return [stepOf(node, tries.at(-1) ?? node, workflow)]
    })
}

function startOf({ startedAt }: Node): string {
  return startedAt ?? ''
}

/** A node as a step; `last` ran it last: the node itself unless that was tried again. */
function stepOf(node: Node, last: Node, workflow: string): PipelineStep {
  const phase = phaseOf(node)
  return {
    name: pathOf(node.name, workflow),
    after: [],
    phase,
    ...given('pod', last.type === 'Pod' ? podName(last, workflow) : undefined),
    ...given('startedAt', node.startedAt),
    ...given('finishedAt', node.finishedAt),
    message: (phase === 'failed' ? last.message : undefined) ?? node.message ?? '',
  }
}

/** util.GeneratePodName: the node's id with the template's name in it, but the bare id for the only node. */
function podName({ id, name, templateName = '', templateRef }: Node, workflow: string): string {
  const template = templateRef?.template ?? templateName
  return name === workflow || template === '' ? id : `${workflow}-${template}${id.slice(workflow.length)}`
}

function podOf(pod: KubeObject, nodes: ReadonlyMap<string, Node>, workflow: string): PipelinePod {
  const name = pod.metadata.annotations?.['workflows.argoproj.io/node-name'] ?? pod.metadata.name
  return pipelinePod(pod, pathOf(triedBy(name, nodes)?.name ?? name, workflow), ['main'])
}

interface Planned {
  readonly path: string
  readonly after: readonly string[]
}

/** What the specification foresees: nodes come into being only when it is their turn. */
function plan({ entrypoint, templates = [] }: Spec, workflow: string): Planned[] {
  const template = templates.find(({ name }) => name === entrypoint)
  if (template?.dag !== undefined) {
    const tasks = template.dag.tasks
    const isTask = (word: string): boolean => tasks.some(({ name }) => name === word)
    return tasks.map(({ name, dependencies, depends = '' }) => ({
      path: name,
      after: dependencies ?? [...new Set(depends.split(/[^\w-]+/))].filter(isTask),
    }))
  }
  const { steps: groups } = template ?? {}
  if (groups === undefined) return [{ path: workflow, after: [] }]
  return groups.flatMap((group, index) =>
    group.map(({ name }) => ({ path: name, after: groups[index - 1]?.map((step) => step.name) ?? [] })),
  )
}

/** The steps in the plan's order, each with what it waits for; those that nobody foresaw (exit handlers) come last. */
function inOrder(
  planned: readonly Planned[],
  steps: readonly PipelineStep[],
  run: PipelinePhase,
): PipelineStep[] {
  const under = (path: string): readonly PipelineStep[] => {
    const found = steps.filter(
      ({ name }) => name === path || (/^[.(]/.test(name.slice(path.length)) && name.startsWith(path)),
    )
    if (found.length > 0) return found
    const phase = run === 'waiting' || run === 'running' ? 'waiting' : 'skipped'
    return [{ name: path, after: [], phase, message: '' }]
  }
  const known = planned.flatMap(({ path, after }) => {
    const names = after.flatMap((each) => under(each).map(({ name }) => name))
    return under(path).map((step) => ({ ...step, after: names }))
  })
  return [...known, ...steps.filter(({ name }) => known.every((step) => step.name !== name))]
}
