/** A demo of a test's own on a cluster in memory: its folder, what its actions are given, and what they tell. */
import { parseAllDocuments } from 'yaml'
import { argoApplications } from '../../src/components/gitops/argo-applications.ts'
import { demoRepositories } from '../../src/components/git/demo-repositories.ts'
import { argoPipelines } from '../../src/components/pipelines/argo-pipelines.ts'
import { openScene, type Outputs, type Perform, type Scene } from '../../src/demos/scene.ts'
import { demoSteps } from '../../src/demos/demo-steps.ts'
import type { KubeObject } from '../../src/domain/cluster.ts'
import type { DemoContext, DemoResult } from '../../src/domain/demo.ts'
import type { DemoDefinition, DemoFolder } from '../../src/domain/demo-definition.ts'
import { PlayError } from '../../src/domain/errors.ts'
import { clusterRegistry } from '../../src/domain/registry-slot.ts'
import type { RunEvent } from '../../src/engine/events.ts'
import { createPlan } from '../../src/engine/plan.ts'
import type { Scope, Step } from '../../src/engine/step.ts'
import { perform } from '../../src/workflows/session.ts'
import { FakeClock } from './fake-clock.ts'
import { FakeCluster } from './fake-cluster.ts'
import { letTimePass } from './let-time-pass.ts'
import { RecordingReporter } from './recording-reporter.ts'

/** Files by their path; a list stands for the objects of a YAML file. */
export type StageFiles = Readonly<Record<string, string | readonly KubeObject[]>>

/** The demo `shop`, which does and says nothing unless the test has it so. */
function demoDefinition(changes: Partial<DemoDefinition> = {}): DemoDefinition {
  return {
    ...{ id: 'shop', title: 'A shop', summary: 'sells things', takes: '1 s' },
    ...{ needs: [], options: {}, steps: [], message: 'Done', outputs: {}, next: [] },
    ...changes,
  }
}

/** A folder that is in memory. */
export function demoFolder(changes: Partial<DemoDefinition>, files: StageFiles = {}): DemoFolder {
  const definition = demoDefinition(changes)
  const fileAt = (path: string): string | readonly KubeObject[] => {
    const file = files[path]
    if (file !== undefined) return file
    const place = { file: `${definition.id}/${path}`, line: 1, column: 1 }
    throw PlayError.of('DEMO_INVALID', { ...place, reason: 'it is not there' })
  }
  const text = (path: string): string => {
    const file = fileAt(path)
    return typeof file === 'string' ? file : JSON.stringify(file)
  }
  return {
    definition,
    read: (path) => Promise.resolve().then(() => text(path)),
    objects: (path) =>
      Promise.resolve().then(() => {
        const file = fileAt(path)
        if (typeof file !== 'string') return file
        return parseAllDocuments(file).map((document) => document.toJS() as KubeObject)
      }),
    files(path) {
      const below = Object.keys(files).filter((file) => file.startsWith(`${path}/`))
      return Promise.resolve(below.map((file) => file.slice(path.length + 1)).toSorted())
    },
  }
}

/** The definition of a kind of Argo's, as the API needs it before it serves objects of that kind. */
export function argoDefinition(kind: string): KubeObject {
  const plural = `${kind.toLowerCase()}s`
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.argoproj.io` },
    spec: {
      ...{ group: 'argoproj.io', scope: 'Namespaced', versions: [{ name: 'v1alpha1' }] },
      names: { kind, plural },
    },
  }
}

/** A namespace, as a demo's file says it. */
export function namespaceObject(name: string, labels?: Readonly<Record<string, string>>): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, ...(labels && { labels }) } }
}

/** One test's demo. Everything in it may be looked at and changed. */
export class DemoStage {
  readonly clock = new FakeClock()
  readonly cluster = new FakeCluster()
  readonly report = new RecordingReporter()
  readonly stop = new AbortController()
  /** Events of `play` and `run`, in order. */
  readonly events: RunEvent[] = []
  /** What was told of pipelines, such as `started ci-1`. */
  readonly runs: string[] = []
  /** What an HTTP server on this machine answers. */
  answer: (port: number, path: string) => { readonly status: number; readonly body: string } = () => ({
    ...{ status: 404, body: '' },
  })
  readonly context: DemoContext

  /** The slots are filled by the real ones, all on this cluster, unless `changes` has others. */
  constructor(
    definition: Partial<DemoDefinition> = {},
    files: StageFiles = {},
    changes: Partial<DemoContext> = {},
  ) {
    this.context = {
      folder: demoFolder(definition, files),
      playground: { root: 'root-1', name: 'dev' },
      client: () => Promise.resolve(this.cluster),
      loopback: {
        accepts: () => Promise.resolve(true),
        isFree: () => Promise.resolve(true),
        get: (port, path) => Promise.resolve().then(() => this.answer(port, path)),
      },
      ...{ pipelines: argoPipelines, gitOps: argoApplications, repositories: demoRepositories },
      ...{ registry: clusterRegistry, options: {}, runId: 'run-7', again: 'play demo shop dev' },
      ...{ clock: this.clock, timeoutMs: 3000 },
      onRun: (run, state) => this.runs.push(`${state} ${run.name}`),
      ...changes,
    }
  }

  get scope(): Scope {
    const use = (): never => {
      throw new Error('actions use no other steps')
    }
    return { signal: this.stop.signal, report: this.report, use }
  }

  /** Does one action by itself; time passes as far as it has to. */
  act<Action>(perform: Perform<Action>, action: Action, scene?: Scene): Promise<Outputs> {
    return letTimePass(this.clock, perform(action, scene ?? openScene(this.context), this.scope))
  }

  /** Runs the whole demo. */
  async play(): Promise<DemoResult> {
    const { steps, result } = demoSteps(this.context)
    await this.run(steps)
    return result()
  }

  /** Runs these steps; answers what each has answered. */
  run<Output>(steps: readonly Step<Output>[]): Promise<readonly (Output | undefined)[]> {
    const session = {
      sink: (event: RunEvent) => this.events.push(event),
      ...{ signal: this.stop.signal, clock: this.clock, run: 'run-7', command: 'play test', dryRun: false },
    }
    const work = {
      ...{ subject: 'dev', plan: createPlan([{ name: 'Demo', steps }]), resume: [] },
      result: ({ output }: { readonly output: (step: Step<Output>) => Output | undefined }) =>
        steps.map((step) => output(step)),
    }
    return letTimePass(this.clock, perform(session, work))
  }

  /** Events of one type, in order. */
  eventsOf<Type extends RunEvent['type']>(type: Type): Extract<RunEvent, { type: Type }>[] {
    return this.events.filter((event): event is Extract<RunEvent, { type: Type }> => event.type === type)
  }
}
