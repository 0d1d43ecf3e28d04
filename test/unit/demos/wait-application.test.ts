import { beforeEach, describe, expect, test } from 'vitest'
import { wait } from '../../../src/demos/actions/wait.ts'
import { demoRepositories } from '../../../src/components/git/demo-repositories.ts'
import type { DemoDefinition } from '../../../src/domain/demo-definition.ts'
import { PlayError } from '../../../src/domain/errors.ts'
import type { Repositories } from '../../../src/domain/slots.ts'
import { DemoStage, namespaceObject } from '../../fakes/demo-stage.ts'

const ref = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', namespace: 'argocd', name: 'web' }
const asked = { wait: { application: 'web', revision: 'new', revert: 'deploy' } }
const step: DemoDefinition['steps'][number] = {
  ...{ id: 'deploy', title: 'Push' },
  push: { repository: 'deploy', folder: 'x', application: { name: 'web', namespace: 'shop' } },
}
const healthy = { status: 'Healthy' }
const degraded = { status: 'Degraded', message: 'too many restarts' }

let stage: DemoStage
/** What git was asked to undo. */
let undone: string[]

beforeEach(() => {
  undone = []
  const repositories: Repositories = {
    ...demoRepositories,
    revert(_client, name, commit) {
      undone.push(`${name} ${commit}`)
      compared('former', degraded)
      return Promise.resolve('former')
    },
  }
  stage = new DemoStage({ steps: [step] }, {}, { repositories })
  stage.cluster.put(namespaceObject('shop'))
  compared('old', healthy)
})

/** What Argo CD tells once it has compared the application with a commit. */
function compared(revision: string, health: object, more: object = {}): unknown {
  const status = { sync: { status: 'Synced', revision }, health, ...more }
  const { apiVersion, kind, namespace, name } = ref
  return stage.cluster.put({ apiVersion, kind, metadata: { name, namespace }, status })
}

/** Does each act at its time, milliseconds from now. */
function later(...acts: readonly (readonly [ms: number, act: () => unknown])[]): void {
  for (const [ms, act] of acts) void stage.clock.sleep(ms, stage.stop.signal).then(act)
}

function putPod(name: string, status: object, kind = 'ReplicaSet'): unknown {
  const metadata = { name, namespace: 'shop', ownerReferences: [{ kind, name: 'web' }] }
  return stage.cluster.put({ apiVersion: 'v1', kind: 'Pod', metadata, status })
}

const ready = { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:03Z' }] }

function waiting(reason: string, more: object = {}): object {
  return { containerStatuses: [{ name: 'web', ready: false, state: { waiting: { reason, ...more } } }] }
}

function tasks(): readonly (readonly [string, string, string])[] {
  return stage.report.tasks.map(({ task, phase, message }) => [task, phase, message] as const)
}

async function failure(): Promise<PlayError> {
  const error: unknown = await stage.act(wait, asked).catch((each: unknown) => each)
  if (error instanceof PlayError) return error
  throw error
}

describe('waiting for an application', () => {
  test('has it compared at once, and ends when it runs what was committed', async () => {
    later([400, () => compared('new', { status: 'Progressing' })], [900, () => compared('new', healthy)])
    const before = stage.clock.now()
    expect(await stage.act(wait, asked)).toEqual({})
    expect(stage.clock.now() - before).toBeLessThan(2000)
    expect(stage.cluster.calls).toContain('patch Application argocd/web')
    expect(stage.report.progressed.map(({ text }) => text)).toContain('web progressing')
    expect(undone).toEqual([])
    expect(stage.clock.sleeping).toBe(0)
  })

  test('without a commit takes any that it is in line with', async () => {
    later([400, () => compared('old', healthy)])
    expect(await stage.act(wait, { wait: { application: 'web' } })).toEqual({})
  })

  test('that git has broken fails at once: only a commit mends that', async () => {
    const message = 'code = FailedPrecondition desc = Failed to unmarshal "web.yaml": line 4'
    later([400, () => compared('new', healthy, { conditions: [{ type: 'ComparisonError', message }] })])
    await expect(stage.act(wait, asked)).rejects.toMatchObject({ id: 'APPLICATION_BROKEN' })
    expect(stage.clock.sleeping).toBe(0)
  })

  test('lets a rollout pass through trouble', async () => {
    later(
      [400, () => compared('new', degraded)],
      [800, () => compared('new', { ...degraded, message: 'more restarts' })],
      [3000, () => compared('new', { status: 'Progressing' })],
      [4000, () => compared('new', healthy)],
    )
    expect(await stage.act(wait, asked)).toEqual({})
    expect(undone).toEqual([])
  })

  test('does not mind trouble with the commit before', async () => {
    compared('old', degraded)
    // Argo CD answers the refresh with what it knew before.
    later([100, () => compared('old', degraded)], [4500, () => compared('new', healthy)])
    expect(await stage.act(wait, asked)).toEqual({})
    expect(undone).toEqual([])
  })

  test('that is interrupted undoes nothing', async () => {
    const reason = new Error('enough')
    later([
      500,
      () => {
        stage.stop.abort(reason)
      },
    ])
    await expect(stage.act(wait, asked)).rejects.toBe(reason)
    expect(undone).toEqual([])
    expect(stage.clock.sleeping).toBe(0)
  })
})

describe('an application that stays unhealthy', () => {
  test('for three seconds is undone, and what ran before is waited for', async () => {
    later(
      [400, () => compared('new', degraded)],
      // Told of again and again, it is still the same trouble.
      [1900, () => compared('new', { ...degraded, message: 'more restarts' })],
      [2900, () => compared('new', degraded)],
      [6000, () => compared('former', healthy)],
    )
    const before = stage.clock.now()
    const { id, exitCode, message, suggestions } = await failure()
    expect({ id, exitCode }).toEqual({ id: 'DEMO_FAILED', exitCode: 6 })
    expect(message).toBe(
      'Demo shop failed: application web does not run: too many restarts. ' +
        'The commit was undone, and what ran before runs again',
    )
    expect(suggestions).toEqual(['kubectl --namespace shop get pods', 'play demo shop dev'])
    expect(undone).toEqual(['deploy new'])
    expect(stage.clock.now() - before).toBeGreaterThanOrEqual(6000)
    expect(stage.clock.now() - before).toBeLessThan(7000)
    expect(stage.clock.sleeping).toBe(0)
  })

  test('without a repository to undo it in is told as it is', async () => {
    later([400, () => compared('new', degraded)])
    const action = { wait: { application: 'web', revision: 'new' } }
    await expect(stage.act(wait, action)).rejects.toThrow(
      /^Demo shop failed: application web does not run: too many restarts$/,
    )
    expect(undone).toEqual([])
  })

  test('is told with the last words of its pods', async () => {
    const crashed = {
      containerStatuses: [
        {
          name: 'web',
          restartCount: 2,
          state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 20s' } },
        },
      ],
    }
    putPod('web-1', crashed)
    stage.cluster.setLog({ namespace: 'shop', name: 'web-1', container: 'web' }, [], true, ['no database'])
    putPod('web-2', { containerStatuses: [{ name: 'web', state: { running: { startedAt: 'x' } } }] })
    stage.cluster.setLog({ namespace: 'shop', name: 'web-2', container: 'web' }, ['listening'], false)
    for (const [name, at, message] of [
      ['b', '3', 'Readiness probe failed: 500'],
      ['a', '2', 'Scheduled late'],
    ] as const)
      stage.cluster.put({
        ...{ apiVersion: 'v1', kind: 'Event', type: 'Warning', message, lastTimestamp: at },
        metadata: { name, namespace: 'shop' },
        involvedObject: { kind: 'Pod', name: 'web-2' },
      })
    putPod('web-3', ready)
    putPod('job-1', waiting('Error'), 'Job')
    later([400, () => compared('new', degraded)], [5000, () => compared('former', healthy)])
    expect((await failure()).details).toEqual([
      'web-1: CrashLoopBackOff',
      'web-1: back-off 20s',
      'web-1: no database',
      'web-2: Readiness probe failed: 500',
      'web-2: listening',
    ])
  })

  test('keeps the reasons where a log cannot be read', async () => {
    putPod('web-1', {
      containerStatuses: [
        { name: 'web', restartCount: 1, state: { waiting: { reason: 'CrashLoopBackOff' } } },
      ],
    })
    putPod('web-2', waiting('ImagePullBackOff'))
    later([400, () => compared('new', degraded)], [5000, () => compared('former', healthy)])
    expect((await failure()).details).toEqual(['web-1: CrashLoopBackOff', 'web-2: ImagePullBackOff'])
  })
})

describe('the pods of a rollout', () => {
  test('are shown as they come up and go; of those that were ready before only the end', async () => {
    putPod('web-0', ready)
    putPod('job-1', waiting('ContainerCreating'), 'Job')
    stage.cluster.put({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'alone', namespace: 'shop' } })
    const running = { state: { running: { startedAt: '2026-01-01T00:00:02Z' } }, name: 'web', ready: false }
    later(
      [300, () => putPod('web-1', waiting('ContainerCreating'))],
      [600, () => putPod('web-1', { containerStatuses: [running] })],
      [700, () => putPod('web-1', { containerStatuses: [running], podIP: '10.0.0.1' })],
      [900, () => putPod('web-1', { ...ready, containerStatuses: [running] })],
      [
        1000,
        () => {
          stage.cluster.remove({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web-0' })
        },
      ],
      [1500, () => compared('new', healthy)],
    )
    await stage.act(wait, asked)
    expect(tasks()).toEqual([
      ['web-1', 'waiting', 'ContainerCreating'],
      ['web-1', 'running', ''],
      ['web-1', 'succeeded', ''],
      ['web-0', 'stopped', ''],
    ])
    expect(stage.report.tasks[2]).toMatchObject({
      ...{ pod: 'web-1', startedAt: '2026-01-01T00:00:02Z', finishedAt: '2026-01-01T00:00:03Z' },
    })
  })

  test('that cannot be watched cost a warning, not the outcome', async () => {
    stage.cluster.fail('watch Pod', PlayError.of('API_REJECTED', { object: 'Pod', reason: 'forbidden' }))
    later([500, () => compared('new', healthy)])
    expect(await stage.act(wait, asked)).toEqual({})
    expect(stage.report.warned.map(({ id }) => id)).toEqual(['API_REJECTED'])
  })
})
