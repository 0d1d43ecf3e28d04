/** The steps that the containers of one of Argo's pods are (container_set_template.go, emissary.go of v4.0.7); pure. */
import { given } from '../../domain/given.ts'
import { isFinal } from '../../domain/pipeline-phase.ts'
import type { PipelineStep } from '../../domain/pipelines.ts'
import { containerStep, type Container } from './argo-template.ts'
import { sorted, type ContainerState } from './run-pods.ts'

/** What is known of the containers of a pod. */
export interface ContainerFacts {
  readonly workflow: string
  readonly containers: readonly Container[]
  /** As the pod tells, which knows first. */
  readonly states: ReadonlyMap<string, ContainerState>
  /** As the workflow tells later, and still does when the pod is gone. */
  readonly told: (container: string) => PipelineStep | undefined
  /** True while another try would follow a failure. */
  readonly isTriedAgain: boolean
}

/** How a program has ended. */
interface End {
  readonly phase: 'succeeded' | 'failed' | 'stopped'
  readonly message: string
  readonly finishedAt?: string
}

/** The steps of a pod, of which `group` is what its node tells. */
export function containerSteps(group: PipelineStep, facts: ContainerFacts): PipelineStep[] {
  const { containers, isTriedAgain } = facts
  // The node of a pod with a single program knows more: of a service, say, that it was meant to be killed.
  if (containers.length === 1 && isFinal(group.phase)) return [group]
  const made = new Map<string, PipelineStep>()
  const steps = containers.map((container) => containerAsStep(container, group, facts, made))
  if (isTriedAgain) return steps.map(triedAgain)
  const isTold = steps.some(({ phase }) => phase === 'failed' || phase === 'stopped')
  if (isTold || (group.phase !== 'failed' && group.phase !== 'stopped')) return steps
  // Its programs are not to blame: its outputs could not be kept, for instance.
  const { phase, message } = group
  const blamed = steps.find(({ name }) => name === group.name) ?? steps.at(-1)
  return steps.map((step) => (step === blamed ? { ...step, phase, message } : step))
}

/** `made` holds those that were made before, by container. */
function containerAsStep(
  container: Container,
  group: PipelineStep,
  facts: ContainerFacts,
  made: Map<string, PipelineStep>,
): PipelineStep {
  const known = made.get(container.name)
  if (known !== undefined) return known
  const name = containerStep(group.name, container.name, facts.workflow)
  // Stands there meanwhile, since only the controller refuses containers that wait for each other.
  made.set(container.name, { name, after: [], phase: 'waiting', message: '' })
  const before = facts.containers
    .filter((other) => container.dependencies?.includes(other.name) === true)
    .map((other) => containerAsStep(other, group, facts, made))
  const after = before.map((other) => other.name)
  const step = {
    name,
    after,
    ...given('pod', group.pod),
    ...progressOf(container.name, before, group, facts),
  }
  made.set(container.name, step)
  return step
}

type Progress = Pick<PipelineStep, 'phase' | 'message' | 'startedAt' | 'finishedAt'>

function progressOf(
  container: string,
  before: readonly PipelineStep[],
  group: PipelineStep,
  facts: ContainerFacts,
): Progress {
  const state = facts.states.get(container) ?? {}
  const end = endOf(container, facts)
  if (before.some(({ phase }) => phase !== 'succeeded')) {
    // Its own executor ends as soon as one of those has failed, or when it is told to.
    const isSkipped =
      end !== undefined || before.some((step) => isFinal(step.phase) && step.phase !== 'succeeded')
    return isSkipped ? { phase: 'skipped', message: '' } : { phase: 'waiting', message: reasonOf(state) }
  }
  const { phase, message, finishedAt } =
    end ?? (isFinal(group.phase) ? group : underWay(container, group, facts))
  const startedAt = before.length === 0 ? group.startedAt : turnOf(before, state)
  return { phase, message, ...given('startedAt', startedAt), ...given('finishedAt', finishedAt) }
}

/** When all that it waits for had ended, or its own container has started if that was later. */
function turnOf(
  before: readonly PipelineStep[],
  { running, terminated }: ContainerState,
): string | undefined {
  return sorted([...before.map((step) => step.finishedAt), (running ?? terminated)?.startedAt]).at(-1)
}

function reasonOf({ waiting }: ContainerState): string {
  return waiting?.reason ?? ''
}

function underWay(container: string, group: PipelineStep, { states, told }: ContainerFacts): Progress {
  const state = states.get(container)
  const isRunning =
    state === undefined ? (told(container) ?? group).phase === 'running' : state.running !== undefined
  if (isRunning) return { phase: 'running', message: '' }
  return { phase: 'waiting', message: reasonOf(state ?? {}) || group.message }
}

/** A signal that ended the program: of the controller, which ends all that is left of a set once one of it has failed. */
const killed = [137, 143]

/** Last words of an executor whose program never had its turn. */
const waitedInVain = /^dependency "/

function endOf(container: string, { states, told, containers }: ContainerFacts): End | undefined {
  const { exitCode, reason, message, finishedAt } = states.get(container)?.terminated ?? {}
  const times = given('finishedAt', finishedAt)
  if (exitCode === undefined) return endTold(container, told(container))
  if (exitCode === 0) return { phase: 'succeeded', message: '', ...times }
  const hasBroken = containers.some(({ name }) => {
    const { exitCode: code = 0, message: words = '' } = states.get(name)?.terminated ?? {}
    return ![0, ...killed].includes(code) && !waitedInVain.test(words)
  })
  const isVictim = hasBroken && killed.includes(exitCode) && reason !== 'OOMKilled'
  const words =
    reason === undefined ? `exit code ${String(exitCode)}` : `${reason} (exit code ${String(exitCode)})`
  return {
    phase: isVictim ? 'stopped' : 'failed',
    message: [words, message?.trim()].filter(Boolean).join(': '),
    ...times,
  }
}

function endTold(container: string, told: PipelineStep | undefined): End | undefined {
  if (told === undefined || !isFinal(told.phase) || told.phase === 'skipped') return undefined
  const { phase, message, finishedAt } = told
  // assessNodeStatus puts the container's name in front, and a colon behind where there is no more to say.
  const words = message.replace(`${container}: `, '').replace(/[: ]+$/, '')
  return { phase: phase as End['phase'], message: words, ...given('finishedAt', finishedAt) }
}

function triedAgain({ finishedAt, ...step }: PipelineStep): PipelineStep {
  if (step.phase === 'failed' || step.phase === 'stopped') return { ...step, phase: 'running' }
  return step.phase === 'skipped'
    ? { ...step, phase: 'waiting' }
    : { ...step, ...given('finishedAt', finishedAt) }
}
