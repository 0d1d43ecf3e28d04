/** What every command that runs a demo shares: its flags, and how it answers. */
import { resolve } from 'node:path'
import * as Flags from '@oclif/core/flags'
import type { DemoFolder } from '../domain/demo-definition.ts'
import { defaultName } from '../domain/names.ts'
import type { PlaygroundState } from '../domain/playground.ts'
import { orElseStop, runDemo } from '../workflows/demo.ts'
import type { Renderer } from '../ui/renderer.ts'
import type { App } from './app.ts'
import { timeoutFlag, yesFlag } from './flags.ts'
import type { Answer } from './play-command.ts'
import { demoLines } from './views.ts'

/** On every command that runs a demo. */
export const demoFlags = {
  logs: Flags.boolean({ summary: 'Show every line that the pipeline writes.', env: 'PLAY_LOGS' }),
  report: Flags.string({
    summary: 'Write a page with timeline, graph and logs to this HTML file.',
    helpValue: 'FILE',
    env: 'PLAY_REPORT',
  }),
  timeout: timeoutFlag(),
  yes: yesFlag,
}

/** What a demo is to be run with. */
export interface DemoRequest {
  readonly folder: DemoFolder
  /** The playground; the default one if left out. */
  readonly name: string | undefined
  readonly options: Readonly<Record<string, string>>
  /** The command up to the playground's name. */
  readonly command: string
  readonly flags: { readonly logs: boolean; readonly report: string | undefined; readonly timeout: number }
}

/** Runs the demo and answers what it proved. */
export async function demoAnswer(app: App, request: DemoRequest): Promise<Answer> {
  const { folder, name = defaultName, options, flags } = request
  const again = `${request.command} ${name}`
  let playground: PlaygroundState | undefined
  const report = await reportOf(app, request, () => playground)
  const session = app.session(name, again, false, {
    logs: flags.logs,
    sinks: report === undefined ? [] : [report],
  })
  const isForPeople = app.mode === 'tty' || app.mode === 'plain'
  const result = await runDemo(
    {
      ...{ folder, name, options, again, timeoutMs: flags.timeout },
      onReady: (state) => {
        playground = state
      },
      confirmStop: (run) => orElseStop(app.prompter.confirm(`Stop workflow ${run.name} as well?`)),
      onStopped: (text) => {
        if (isForPeople) app.stderr(`${text}\n`)
      },
    },
    { ports: app.ports, ...app.registries },
    session,
  )
  return { result, lines: await demoLines(result, app) }
}

async function reportOf(
  app: App,
  { flags: { report }, folder: { definition } }: DemoRequest,
  playground: () => PlaygroundState | undefined,
): Promise<Renderer | undefined> {
  if (report === undefined) return undefined
  const write = await app.reportFile(resolve(report))
  const { createReportRenderer } = await import('../ui/report/report-renderer.ts')
  const { components } = app.registries
  const facts = (): Parameters<typeof createReportRenderer>[0]['facts'] extends () => infer F ? F : never => {
    const state = playground()
    if (state === undefined) return undefined
    const { spec, versions = {} } = state
    return {
      ...{ playground: spec.name, demo: definition.id, title: definition.title },
      kubernetes: spec.kubernetesVersion,
      components: spec.components.map((id) => ({ id, version: versions[id] ?? components.find(id).version })),
    }
  }
  return createReportRenderer({ write, facts, version: app.facts.version })
}
