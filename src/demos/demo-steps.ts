/** Makes the steps of a run from a demo's description. */
import type { DemoContext, DemoPart, DemoResult, DemoSteps } from '../domain/demo.ts'
import type { DemoAction, DemoStep } from '../domain/demo-definition.ts'
import { given } from '../domain/given.ts'
import { phaseWord } from '../domain/pipeline-phase.ts'
import type { PipelineState } from '../domain/pipelines.ts'
import { defineStep, type Scope, type Step } from '../engine/step.ts'
import { apply } from './actions/apply.ts'
import { exec } from './actions/exec.ts'
import { http } from './actions/http.ts'
import { push } from './actions/push.ts'
import { wait } from './actions/wait.ts'
import { workflow } from './actions/workflow.ts'
import { openScene, type Outputs, type Scene } from './scene.ts'

/** The steps, in the order of the description; `result` is for when all have succeeded. */
export function demoSteps(context: DemoContext): DemoSteps {
  const scene = openScene(context)
  const durations = new Map<string, number>()
  const steps: Step<Outputs>[] = []
  const { definition } = context.folder
  for (const step of definition.steps) {
    const before = step.after?.map((id) => steps.find((one) => one.id === stepId(id))) ?? [steps.at(-1)]
    const after = before.filter((one) => one !== undefined)
    steps.push(made(step, after, scene, durations))
  }
  return { steps, result: () => resultOf(scene, durations) }
}

function stepId(id: string): string {
  return `demo.${id}`
}

function made(
  step: DemoStep,
  after: readonly Step<unknown>[],
  scene: Scene,
  durations: Map<string, number>,
): Step<Outputs> {
  const { clock, timeoutMs } = scene.context
  return defineStep({
    id: stepId(step.id),
    title: scene.text(step.title),
    after,
    timeoutMs,
    readOnly: 'wait' in step || 'http' in step,
    async run(scope) {
      const start = clock.now()
      const outputs = await act(step, scene, scope)
      scene.outputs.set(step.id, outputs)
      durations.set(step.id, clock.now() - start)
      return outputs
    },
    describe: describeOutputs,
  })
}

function act(action: DemoAction, scene: Scene, scope: Scope): Promise<Outputs> {
  if ('apply' in action) return apply(action, scene, scope)
  if ('push' in action) return push(action, scene, scope)
  if ('workflow' in action) return workflow(action, scene, scope)
  if ('wait' in action) return wait(action, scene, scope)
  if ('http' in action) return http(action, scene, scope)
  return exec(action, scene, scope)
}

/** A commit or the name of a run: what a person can look for. */
function describeOutputs({ name, commit, body }: Outputs): string {
  return name ?? commit?.slice(0, 7) ?? body?.split('\n')[0]?.slice(0, 60) ?? ''
}

function resultOf(scene: Scene, durations: ReadonlyMap<string, number>): DemoResult {
  const { definition } = scene.context.folder
  const outputs = Object.entries(definition.outputs).map(([name, value]) => [name, scene.text(value)])
  return {
    demo: definition.id,
    message: scene.text(definition.message),
    outputs: Object.fromEntries(outputs) as Readonly<Record<string, string>>,
    steps: definition.steps.map(({ id, title }) => ({
      ...{ id, title: scene.text(title) },
      durationMs: durations.get(id) ?? 0,
    })),
    parts: scene.runs.flatMap(partsOf),
    next: definition.next.map(scene.text),
  }
}

function partsOf({ steps }: PipelineState): DemoPart[] {
  return steps.flatMap(({ name, pod, phase, startedAt, finishedAt }) =>
    pod === undefined
      ? []
      : [
          {
            ...{ name, pod, phase: phaseWord(phase) },
            ...given('startedAt', startedAt),
            ...given('finishedAt', finishedAt),
            durationMs: Date.parse(finishedAt ?? '') - Date.parse(startedAt ?? '') || 0,
          },
        ],
  )
}
