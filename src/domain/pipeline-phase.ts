/** What the phase of a run or of a step means, and how it is told. */
import type { PipelineStep } from './pipelines.ts'

/** True once a run or a step stays as it is. */
export function isFinal(phase: PipelineStep['phase']): boolean {
  return phase !== 'waiting' && phase !== 'running'
}

/** The phase as Kubernetes writes such words: `Succeeded`. */
export function phaseWord(phase: PipelineStep['phase']): string {
  return phase.charAt(0).toUpperCase() + phase.slice(1)
}
