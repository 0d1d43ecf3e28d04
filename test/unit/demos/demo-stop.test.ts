import { beforeEach, describe, expect, test } from 'vitest'
import { stopSteps } from '../../../src/demos/demo-stop.ts'
import { demoRepositories } from '../../../src/components/git/demo-repositories.ts'
import type { KubeObject } from '../../../src/domain/cluster.ts'
import type { DemoDefinition } from '../../../src/domain/demo-definition.ts'
import type { Repositories } from '../../../src/domain/slots.ts'
import { argoDefinition, DemoStage, namespaceObject, type StageFiles } from '../../fakes/demo-stage.ts'

const workflow = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow' }
const application = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', namespace: 'argocd' }
const pipelineRun = { apiVersion: 'tekton.dev/v1', kind: 'PipelineRun' }
const goods: KubeObject = {
  ...{ apiVersion: 'v1', kind: 'ConfigMap' },
  metadata: { name: 'goods', namespace: 'shop' },
}
const run = (ref: object): KubeObject =>
  ({ ...ref, metadata: { generateName: 'sell-', namespace: 'shop' } }) as unknown as KubeObject
const files: StageFiles = {
  'all.yaml': [namespaceObject('shop'), goods],
  'argo.yaml': [run(workflow)],
  'tekton.yaml': [run(pipelineRun)],
}
const sell = { workflow: { file: { 'argo-workflows': 'argo.yaml', tekton: 'tekton.yaml' } } }
const steps: DemoDefinition['steps'] = [
  { id: 'all', title: 'All', apply: { files: ['all.yaml'] } },
  {
    ...{ id: 'push', title: 'Push' },
    push: { repository: 'shop', folder: 'x', application: { name: 'web', namespace: 'shop' } },
  },
  { id: 'again', title: 'Push again', push: { repository: 'shop', folder: 'x' } },
  { id: 'sell', title: 'Sell', ...sell },
  { id: 'more', title: 'Sell more', ...sell },
]

let stage: DemoStage
/** Repositories that are there. */
let repositories: Set<string>

beforeEach(() => {
  repositories = new Set(['shop', 'other'])
  const served: Repositories = {
    ...demoRepositories,
    remove: (_client, name) => Promise.resolve(repositories.delete(name)),
  }
  stage = new DemoStage({ steps }, files, { repositories: served })
  for (const kind of ['Application', 'Workflow']) stage.cluster.put(argoDefinition(kind))
})

/** Puts it there as belonging to a demo, or to nobody. */
function put(object: KubeObject, demo?: string): void {
  const labels = demo === undefined ? {} : { 'dev.play/demo': demo }
  stage.cluster.put({ ...object, metadata: { ...object.metadata, labels } })
}

function named(ref: object, name: string, namespace = 'shop'): KubeObject {
  return { ...ref, metadata: { name, namespace } } as unknown as KubeObject
}

function putAll(): void {
  put(namespaceObject('shop'), 'shop')
  put(goods, 'shop')
  for (const name of ['sell-1', 'sell-2', 'sell-3']) put(named(workflow, name), 'shop')
  put(named(pipelineRun, 'sell-4'), 'shop')
  put(named(application, 'web', 'argocd'), 'shop')
}

async function stop(): Promise<readonly (number | undefined)[]> {
  return (await stage.run(stopSteps(stage.context))).map((output) => output?.removed)
}

function deletions(): readonly string[] {
  return stage.cluster.calls.filter((call) => call.startsWith('delete'))
}

describe('stopping a demo', () => {
  test('removes what it has made, what was made last first, and counts each thing once', async () => {
    putAll()
    expect(await stop()).toEqual([4, 1, 2, 1])
    expect(deletions()).toEqual([
      'delete Workflow shop/sell-1',
      'delete Workflow shop/sell-2',
      'delete Workflow shop/sell-3',
      'delete PipelineRun shop/sell-4',
      'delete Application argocd/web',
      'delete ConfigMap shop/goods',
      'delete Namespace shop',
    ])
    expect([...repositories]).toEqual(['other'])
    expect(stage.eventsOf('step.succeeded').map(({ detail }) => detail)).toEqual(['4', '1', '2', '1'])
  })

  test('twice finds nothing, and says so', async () => {
    putAll()
    await stop()
    stage.events.length = 0
    expect(await stop()).toEqual([0, 0, 0, 0])
    expect(stage.eventsOf('step.succeeded').map(({ detail }) => detail)).toEqual(
      Array.from({ length: 4 }, () => 'nothing was there'),
    )
  })

  test('leaves what was there before, and what another demo has made', async () => {
    put(namespaceObject('shop'))
    put(goods, 'other')
    put(named(workflow, 'sell-1'), 'other')
    put(named(workflow, 'sell-2'))
    put(named(application, 'web', 'argocd'))
    expect(await stop()).toEqual([0, 0, 0, 1])
    expect(deletions()).toEqual([])
  })

  test('waits until all of it is gone', async () => {
    putAll()
    const { cluster, clock } = stage
    const left: string[] = []
    cluster.delete = (ref, signal) => {
      // Finalizers take their time.
      left.push(ref.name)
      void clock.sleep(1200, signal).then(() => {
        cluster.remove(ref)
        left.splice(left.indexOf(ref.name), 1)
      })
      return Promise.resolve(true)
    }
    const before = clock.now()
    expect(await stop()).toEqual([4, 1, 2, 1])
    expect(left).toEqual([])
    expect(clock.now() - before).toBeGreaterThanOrEqual(3 * 1200)
  })

  test('gives up on what does not go, and says what that is', async () => {
    putAll()
    stage.cluster.delete = () => Promise.resolve(true)
    await expect(stop()).rejects.toMatchObject({ id: 'WAIT_TIMEOUT', exitCode: 7 })
    expect(repositories.has('shop')).toBe(true)
  })

  test('does without what the playground does not have', async () => {
    const own = steps.filter((step) => !('push' in step))
    stage = new DemoStage({ steps: own }, files, { repositories: undefined, gitOps: undefined })
    expect(await stop()).toEqual([0, 0, 0, 0])
    expect(deletions()).toEqual([])
  })
})
