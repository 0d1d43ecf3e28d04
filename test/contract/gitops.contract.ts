/** What every implementation of the slot `gitops` promises, held against a cluster in e2e. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/adapters/system-clock.ts'
import type { KubeObject } from '../../src/domain/cluster.ts'
import type { ClusterClient } from '../../src/domain/ports.ts'
import type { ApplicationState, GitOps } from '../../src/domain/slots.ts'

/** An implementation, a cluster with it, and the repository of the platform. */
export interface GitOpsWorld {
  readonly gitOps: GitOps
  readonly client: ClusterClient
  /** Address of the repository as the cluster reads it. */
  readonly url: string
  /** Commits and pushes these files, undefined for one that goes; answers the commit. */
  publish(files: Readonly<Record<string, string | undefined>>): Promise<string>
  end(): Promise<void>
}

const name = 'contract'
const path = `demos/${name}`
const wanted = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'contract' }

function configMap(text: string, called = wanted.name): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${called}\ndata:\n  text: ${text}\n`
}

/** Declares the tests, which build upon one another. `timeoutMs` is the patience with one of them. */
export function gitOpsContract(title: string, open: () => Promise<GitOpsWorld>, timeoutMs = 90_000): void {
  describe(`${title} keeps the contract of gitops:`, { timeout: timeoutMs }, () => {
    let world: GitOpsWorld
    let application: KubeObject
    const signal = AbortSignal.timeout(10 * timeoutMs)

    beforeAll(async () => {
      world = await open()
      const declared = { name, path, wave: 2, namespace: wanted.namespace, keep: false }
      const [made] = world.gitOps.applications([declared], world.url)
      if (made === undefined) throw new Error('one application was expected')
      application = made
    }, timeoutMs)
    afterAll(async () => {
      await remove()
      await world.publish({ [`${path}/map.yaml`]: undefined, [`${path}/other.yaml`]: undefined })
      await world.end()
    }, timeoutMs)

    const remove = (): Promise<void> =>
      world.gitOps.remove(world.client, [name], { timeoutMs: timeoutMs / 2, signal, clock: systemClock })
    const settle = (revision: string): Promise<readonly ApplicationState[]> => {
      const onPending = (): void => undefined
      return world.gitOps.settle(world.client, [name], { revision, signal, clock: systemClock, onPending })
    }
    const follow = async (files: Readonly<Record<string, string | undefined>>): Promise<void> => {
      const revision = await world.publish(files)
      await world.gitOps.refresh(world.client, [name], signal)
      await settle(revision)
    }
    const text = async (): Promise<unknown> => (await world.client.get(wanted, signal))?.['data']

    test('one that is not there is missing', async () => {
      const [state] = await world.gitOps.states(world.client, [name], signal)
      expect(state).toMatchObject({ name, health: 'missing', sync: 'unknown', revision: '' })
    })

    test('an application brings the cluster in line with its folder', async () => {
      const files = {
        [`${path}/map.yaml`]: configMap('one'),
        [`${path}/other.yaml`]: configMap('x', 'contract-2'),
      }
      const revision = await world.publish(files)
      await world.client.apply(application, signal)
      expect(await settle(revision)).toMatchObject([{ name, sync: 'synced', health: 'healthy', revision }])
      expect(await text()).toEqual({ text: 'one' })
    })

    test('it follows what is committed', async () => {
      await follow({ [`${path}/map.yaml`]: configMap('two') })
      expect(await text()).toEqual({ text: 'two' })
    })

    test('files belong to the applications whose folder they are in', async () => {
      const { client, gitOps } = world
      expect(await gitOps.affected(client, [`${path}/map.yaml`, 'README.md'], signal)).toEqual([name])
      expect(await gitOps.affected(client, [`${path}x/map.yaml`], signal)).toEqual([])
    })

    test('what is changed by hand is put back', async () => {
      await world.client.patch(wanted, { data: { text: 'by hand' } }, signal)
      await expect.poll(text, { timeout: timeoutMs / 2, interval: 500 }).toEqual({ text: 'two' })
    })

    test('a file that cannot be read is named, and nothing is changed for it', async () => {
      const broken = `${configMap('three')}  more: [\n`
      await expect(follow({ [`${path}/map.yaml`]: broken })).rejects.toMatchObject({
        id: 'APPLICATION_BROKEN',
        message: expect.stringContaining('map.yaml') as string,
      })
      const [state] = await world.gitOps.states(world.client, [name], signal)
      expect(state).toMatchObject({ broken: true })
      expect(await text()).toEqual({ text: 'two' })
    })

    test('what is no longer in the folder goes', async () => {
      await follow({ [`${path}/map.yaml`]: undefined })
      expect(await text()).toBeUndefined()
    })

    test('what an application brought goes with it', async () => {
      await remove()
      expect(await world.client.get({ ...wanted, name: 'contract-2' }, signal)).toBeUndefined()
      const [state] = await world.gitOps.states(world.client, [name], signal)
      expect(state).toMatchObject({ health: 'missing', revision: '' })
    })
  })
}
