/** Handing the platform over, on a cluster in memory and with the real git. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { gitDaemon } from '../../src/components/git/git-daemon.ts'
import { argoCd } from '../../src/components/gitops/argo-cd.ts'
import { handOverSteps } from '../../src/components/hand-over/hand-over-steps.ts'
import { transform } from '../../src/components/install/transform.ts'
import type { ClusterAccess, Health, KubeObject } from '../../src/domain/cluster.ts'
import type { Component } from '../../src/domain/component.ts'
import type { HandOverOptions, Remembered } from '../../src/domain/hand-over.ts'
import { createEmitter, type RunEvent } from '../../src/engine/events.ts'
import { noLedger } from '../../src/engine/ledger.ts'
import { createPlan } from '../../src/engine/plan.ts'
import { runPlan, type RunOutcome } from '../../src/engine/run-plan.ts'
import { defineStep } from '../../src/engine/step.ts'
import { toErrorData } from '../../src/workflows/session.ts'
import { FakeClock } from '../fakes/fake-clock.ts'
import { FakeCluster } from '../fakes/fake-cluster.ts'
import { runGit, serveGit } from '../fakes/local-git.ts'

const application = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', namespace: 'argocd' }
const fine = { sync: { status: 'Synced' }, health: { status: 'Healthy' } }

let folder: string
let cluster: FakeCluster
/** Stands still unless a test moves it: git takes the time it takes. */
let clock: FakeClock
let events: RunEvent[]
let onEvent: (event: RunEvent) => void
let remembered: Remembered | undefined
let refreshed: string[]
let config: KubeObject

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'play-hand-over-'))
  clock = new FakeClock()
  events = []
  onEvent = () => undefined
  remembered = undefined
  refreshed = []
  config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web' }, data: { a: '1' } }
  cluster = new FakeCluster()
  serveGit(cluster, folder)
  cluster.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argocd' } })
  cluster.put({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'applications.argoproj.io' },
    spec: {
      group: 'argoproj.io',
      scope: 'Namespaced',
      names: { kind: 'Application', plural: 'applications' },
      versions: [{ name: 'v1alpha1' }],
    },
  })
  cluster.whenApplied('Application', ({ metadata: { name } }) => {
    cluster.setStatus({ ...application, name }, fine)
  })
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

function installed(component: Component, access: ReturnType<typeof accessStep>, objects: KubeObject[]) {
  const id = (part: string): string => `${component.id}.${part}`
  const step = <T>(part: string, output: T) =>
    defineStep<T>({
      id: id(part),
      title: part,
      after: [access],
      readOnly: true,
      run: () => Promise.resolve(output),
    })
  const healthy: Health = { status: 'healthy', reason: '' }
  return {
    component,
    steps: {
      manifest: step<readonly KubeObject[]>(
        'manifest',
        transform(objects, { component, root: '01h', adoption: undefined, preloaded: true }),
      ),
      apply: step('apply', { objects: 1 }),
      start: step('start', { objects: 1 }),
      ready: step('ready', healthy),
    },
  }
}

function accessStep() {
  return defineStep<ClusterAccess>({
    id: 'access',
    title: 'Reach the API server',
    readOnly: true,
    run: () => Promise.resolve({ kubeconfigPath: '/k', context: 'c', server: cluster.server }),
  })
}

/** Plays the API server's merge patch, and Argo CD that compares at once and takes the annotation away. */
function patch(ref: { name: string }): Promise<KubeObject> {
  refreshed.push(ref.name)
  const object = cluster.object({ ...application, name: ref.name })
  if (object === undefined) throw new Error(`there is no application ${ref.name}`)
  return Promise.resolve(object)
}

async function handOver(changes: Partial<HandOverOptions> = {}): Promise<RunOutcome> {
  const access = accessStep()
  const installs = [installed(gitDaemon, access, []), installed(argoCd, access, [config])]
  const steps = handOverSteps({
    root: '01h',
    installs,
    client: () => Promise.resolve(Object.assign(cluster, { patch })),
    access,
    clock,
    timeoutMs: 60_000,
    former: () => Promise.resolve(remembered),
    remember: (published) => {
      remembered = published
      return Promise.resolve()
    },
    ...changes,
  })
  if (steps === undefined) throw new Error('git or gitops is missing')
  const before = installs.flatMap(({ steps: { manifest, apply, start, ready } }) => [
    manifest,
    apply,
    start,
    ready,
  ])
  const plan = createPlan([
    { name: 'All', steps: [access, ...before, steps.publish, steps.adopt, steps.synced] },
  ])
  const emit = createEmitter({
    run: 'r',
    subject: 's',
    now: () => clock.now(),
    sink: (event) => {
      events.push(event)
      onEvent(event)
    },
  })
  const { signal } = new AbortController()
  return runPlan(plan, { emit, clock, ledger: noLedger, signal, toErrorData })
}

async function changedBy(running: Promise<RunOutcome>): Promise<readonly string[]> {
  const outcome = await running
  if (outcome.kind !== 'succeeded') throw new Error(JSON.stringify(outcome))
  return outcome.changed
}

async function git(...args: string[]): Promise<string> {
  const { stdout = '' } = await runGit(['git', '--git-dir', join(folder, 'playground'), ...args])
  return stdout
}

const applied = (): string[] => cluster.calls.filter((call) => call.startsWith('apply'))

describe('handing the platform over', () => {
  it('commits it, applies one application for each component and the root, and waits for them', async () => {
    expect(await changedBy(handOver())).toEqual(['gitops.publish', 'gitops.adopt'])
    expect((await git('ls-tree', '-r', '--name-only', 'main')).split('\n')).toEqual(
      expect.arrayContaining(['apps/git.yaml', 'apps/argo-cd.yaml', 'platform/argo-cd/configmap-web.yaml']),
    )
    expect(cluster.objects(application).map(({ metadata }) => metadata.name)).toEqual([
      'git',
      'argo-cd',
      'playground',
    ])
    expect(
      events.flatMap((event) => (event.type === 'plan.ready' ? event.steps : [])).slice(-3),
    ).toMatchObject([
      { title: 'Commit the platform to git' },
      { title: 'Hand the platform over to Argo CD' },
      { title: 'Wait until the cluster is in line with git', readOnly: true },
    ])
  })

  it('a second time looks and changes nothing', async () => {
    await handOver()
    const before = [applied().length, refreshed.length]
    expect(await changedBy(handOver())).toEqual([])
    expect([applied().length, refreshed.length]).toEqual(before)
  })

  it('after a change commits it and has it looked at, and leaves applications as a person made them', async () => {
    await handOver()
    const ref = { ...application, name: 'argo-cd' }
    const mine = { ...(cluster.object(ref) as KubeObject), spec: { mine: true } }
    cluster.put(mine)
    const { length } = applied()
    refreshed = []
    config = { ...config, data: { a: '2' } }
    expect(await changedBy(handOver())).toEqual(['gitops.publish', 'gitops.adopt'])
    expect(await git('show', '--name-only', '--format=', 'main')).toBe(
      'platform/argo-cd/configmap-web.yaml\n',
    )
    expect(applied()).toHaveLength(length)
    expect(cluster.object(ref)?.['spec']).toEqual({ mine: true })
    expect(refreshed).toEqual(['git', 'argo-cd', 'playground'])
  })

  it('goes on where it was stopped between the commit and the note of it, without another commit', async () => {
    const failing = handOver({ remember: () => Promise.reject(new Error('no space left')) })
    expect(await failing).toMatchObject({ kind: 'failed', step: 'gitops.publish' })
    expect(await changedBy(handOver())).toEqual(['gitops.publish', 'gitops.adopt'])
    expect(await git('rev-list', '--count', 'main')).toBe('1\n')
    expect(remembered?.files).toHaveProperty('README.md')
  })

  it('restores a repository and an application that are gone', async () => {
    await handOver()
    await rm(join(folder, 'playground'), { recursive: true })
    cluster.remove({ ...application, name: 'git' })
    const { length } = applied()
    expect(await changedBy(handOver())).toEqual(['gitops.publish', 'gitops.adopt'])
    expect(applied().slice(length)).toEqual(['apply Application argocd/git'])
    expect(await git('rev-list', '--count', 'main')).toBe('1\n')
  })

  it('publishes all of it into an empty volume, whatever it remembers, and has everything compared anew', async () => {
    await handOver()
    const before = await git('ls-tree', '-r', 'main')
    await rm(folder, { recursive: true })
    await mkdir(folder)
    refreshed = []
    expect(await changedBy(handOver())).toEqual(['gitops.publish', 'gitops.adopt'])
    expect(refreshed).toEqual(['git', 'argo-cd', 'playground'])
    expect(await git('ls-tree', '-r', 'main')).toBe(before)
    expect(await changedBy(handOver())).toEqual([])
  })

  it('does not take a damaged repository for one that is gone', async () => {
    await handOver()
    await rm(join(folder, 'playground', 'HEAD'))
    expect(await handOver()).toMatchObject({
      kind: 'failed',
      step: 'gitops.publish',
      error: { id: 'GIT_FAILED', exitCode: 6 },
    })
  })

  it('waits for what is not in line yet, and says what that is', async () => {
    const late = { ...application, name: 'git' }
    cluster.whenApplied('Application', ({ metadata: { name } }) => {
      if (name === 'git') cluster.setStatus(late, { ...fine, sync: { status: 'OutOfSync' } })
    })
    onEvent = (event) => {
      if (event.type === 'step.progress' && event.text === 'git out of sync') cluster.setStatus(late, fine)
    }
    expect(await changedBy(handOver())).toEqual(['gitops.publish', 'gitops.adopt'])
    const progress = events.flatMap((event) => (event.type === 'step.progress' ? [event.text] : []))
    expect(progress).toContain('playground not compared yet, git not compared yet, argo-cd not compared yet')
    expect(progress).toContain('git out of sync')
  })

  it('ends at once when a file in the repository cannot be understood', async () => {
    const message =
      'Failed to load target state: rpc error: code = FailedPrecondition desc = Failed to unmarshal "a.yaml": yaml: line 3'
    cluster.whenApplied('Application', ({ metadata: { name } }) => {
      cluster.setStatus(
        { ...application, name },
        { ...fine, conditions: [{ type: 'ComparisonError', message }] },
      )
    })
    expect(await handOver()).toMatchObject({
      kind: 'failed',
      step: 'gitops.synced',
      error: { id: 'APPLICATION_BROKEN', exitCode: 6, message: expect.stringContaining('line 3') as string },
    })
  })

  it('gives up after its patience, telling what was still missing', async () => {
    cluster.whenApplied('Application', ({ metadata: { name } }) => {
      cluster.setStatus({ ...application, name }, { ...fine, health: { status: 'Progressing' } })
    })
    onEvent = (event) => {
      if (event.type === 'step.progress' && event.text.includes('playground progressing'))
        void clock.advance(60_000)
    }
    expect(await handOver()).toMatchObject({
      kind: 'failed',
      step: 'gitops.synced',
      error: { name: 'TimeoutError', lastSeen: expect.stringContaining('playground progressing') as string },
    })
  })

  it('needs a git and something that keeps applications in line with it', () => {
    const options = { installs: [installed(gitDaemon, accessStep(), [])] } as unknown as HandOverOptions
    expect(handOverSteps(options)).toBeUndefined()
  })
})
