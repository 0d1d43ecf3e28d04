/** The steps of a pipeline as what a step of the demo watches: with the times of their own programs. */
import { given } from '../domain/given.ts'
import { isFinal } from '../domain/pipeline-phase.ts'
import type { PipelinePod, PipelineProgram, PipelineState, PipelineStep } from '../domain/pipelines.ts'
import type { WatchedTask } from '../engine/events.ts'

/** Tasks by their name. */
export type TaskTold = ReadonlyMap<string, WatchedTask>

/** All steps of the pipeline, in its order. */
export function watchedTasks({ steps, pods }: PipelineState): TaskTold {
  const tasks = steps.map((step) =>
    taskOf(
      step,
      pods.find(({ name }) => name === step.pod),
    ),
  )
  return new Map(tasks.map((task) => [task.task, task]))
}

function taskOf(step: PipelineStep, pod: PipelinePod | undefined): WatchedTask {
  const { name, after, phase } = step
  const programs = (pod?.programs ?? []).filter((program) => program.step === name)
  return {
    ...{ task: name, after, phase, message: messageOf(step, pod) },
    ...given('pod', step.pod),
    ...given('createdAt', pod?.createdAt),
    ...given('startedAt', startOf(step, programs)),
    ...given('finishedAt', endOf(step, programs)),
  }
}

/** Why it waits: the pod says it at once, the product a while later and in more words. */
function messageOf({ name, phase, message }: PipelineStep, pod: PipelinePod | undefined): string {
  const isPodWaiting = pod?.programs.some(({ step, hasStarted }) => step === name && !hasStarted) === true
  if (phase !== 'waiting' || !isPodWaiting) return message
  // A pod's phase is no reason.
  return ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'].includes(pod.state) ? message : pod.state
}

/** When its first program started, though not before its turn. */
function startOf(
  { phase, startedAt: turn }: PipelineStep,
  programs: readonly PipelineProgram[],
): string | undefined {
  if (phase === 'waiting' || phase === 'skipped') return undefined
  const [first] = programs.flatMap(({ startedAt = [] }) => startedAt).toSorted()
  return [first, turn]
    .filter((at) => at !== undefined)
    .toSorted()
    .at(-1)
}

/** When its last program ended. */
function endOf(
  { phase, finishedAt }: PipelineStep,
  programs: readonly PipelineProgram[],
): string | undefined {
  if (phase === 'skipped' || !isFinal(phase)) return undefined
  const ends = programs.flatMap((program) => program.finishedAt ?? [])
  return ends.toSorted().at(-1) ?? finishedAt
}
