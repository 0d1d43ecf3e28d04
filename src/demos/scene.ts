/** What the actions of one run of a demo share: its context, what its steps have answered, and how texts are read. */
import type { DemoContext } from '../domain/demo.ts'
import { filled } from '../domain/demo.ts'
import type { DemoFile } from '../domain/demo-definition.ts'
import { resolveReferences } from '../domain/demo-references.ts'
import { PlayError } from '../domain/errors.ts'
import type { PipelineState } from '../domain/pipelines.ts'
import type { Scope } from '../engine/step.ts'

/** What a step answers to the steps after it. */
export type Outputs = Readonly<Record<string, string>>

/** Does what one step says. */
export type Perform<Action> = (action: Action, scene: Scene, scope: Scope) => Promise<Outputs>

/** One run of a demo. */
export interface Scene {
  readonly context: DemoContext
  /** By the id of the step; those that have ended. */
  readonly outputs: Map<string, Outputs>
  /** Pipelines that were run, as they ended. */
  readonly runs: PipelineState[]
  /** A text with its references put in. */
  readonly text: (text: string) => string
  /** The file for this playground. */
  readonly file: (file: DemoFile) => string
  /** The error with which the demo ends. */
  readonly failure: (reason: string, inspect: string, details?: readonly string[]) => PlayError
}

/** Label on all that a demo makes: which one it belongs to. */
export const demoLabel = 'dev.play/demo'

/** Begins a run. */
export function openScene(context: DemoContext): Scene {
  const { definition } = context.folder
  const outputs = new Map<string, Outputs>()
  return {
    context,
    outputs,
    runs: [],
    text: (text) => resolveReferences(text, (expression) => valueOf(expression, context, outputs)),
    file: (file) => (typeof file === 'string' ? file : fileFor(file, context)),
    failure: (reason, inspect, details = []) => {
      const suggestions = [inspect, context.again]
      return PlayError.of('DEMO_FAILED', { demo: definition.id, reason, inspect }, { details, suggestions })
    },
  }
}

function fileFor(files: Exclude<DemoFile, string>, context: DemoContext): string {
  const { dialect } = filled('pipelines', context.pipelines, context)
  const file = files[dialect]
  if (file !== undefined) return file
  throw PlayError.of('DEMO_UNSUITED', {
    demo: context.folder.definition.id,
    name: context.playground.name,
    reason: `its pipeline is written for ${Object.keys(files).join(' and ')}, not for ${dialect}`,
  })
}

function valueOf(expression: string, context: DemoContext, outputs: ReadonlyMap<string, Outputs>): string {
  const [first = '', second = '', ...others] = expression.split('.')
  const rest = others.join('.')
  const sources: Readonly<Record<string, () => string | undefined>> = {
    options: () => context.options[second],
    steps: () => outputs.get(second)?.[rest],
    run: () => (second === 'id' ? context.runId : undefined),
    git: () => addressOf(second, rest, context),
    registry: () => filled('registry', context.registry, context).pushAddress,
  }
  const value = sources[first]?.()
  if (value !== undefined) return value
  const reason = `there is no \${${expression}} when it is needed`
  const { id } = context.folder.definition
  throw PlayError.of('DEMO_INVALID', { file: `${id}/demo.yaml`, line: 1, column: 1, reason })
}

function addressOf(way: string, repository: string, context: DemoContext): string | undefined {
  const urls = filled('git', context.repositories, context).url(repository)
  return way === 'read' ? urls.read : way === 'push' ? urls.push : undefined
}
