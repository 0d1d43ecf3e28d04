/** What others left and `down` finds: volumes, processes; and what it says of it all. */
import { beforeEach, describe, expect, test } from 'vitest'
import { PlayError } from '../../../src/domain/errors.ts'
import type { FakeWorld } from '../../fakes/fake-ports.ts'
import { devFolder, failure, quickWorld, truth } from './down-world.ts'
import { after, planDown, runDown } from './verbs.ts'

let world: FakeWorld
beforeEach(() => {
  world = quickWorld()
})

describe('volumes', () => {
  beforeEach(() => {
    world.engine.keepsVolumes = true
  })

  test('are noted before anything goes, and go', async () => {
    await world.makePlayground('dev')
    const notes = await journalOf(world, () => runDown(world))
    const closure = notes.indexOf('closure volume-of-play-dev')
    expect(closure).toBeGreaterThanOrEqual(0)
    expect(closure).toBeLessThan(notes.indexOf('intend cluster.destroy'))
    expect([...world.engine.volumes]).toEqual([])
  })

  test('[row 2] are found by the note, where a run died between their container and them', async () => {
    await world.makePlayground('dev')
    world.engine.ignored.add('removeVolume')
    const afterStep = after('cluster.destroy', () => Promise.reject(new Error('killed')))
    await failure(runDown(world, {}, { afterStep }))
    expect(world.engine.containers.size).toBe(0)
    expect([...world.engine.volumes]).toEqual(['volume-of-play-dev'])
    world.engine.ignored.clear()
    await runDown(world)
    expect(truth(world)).toEqual([])
  })

  test('[row 16] are found by their label, where a run died before their container was made', async () => {
    world.engine.volumes.add('early')
    world.engine.volumeLabels.set('early', 'play-dev')
    expect(await planDown(world)).toMatchObject({ wouldRemove: [{ layer: 'volumes', what: 'early' }] })
    expect(await runDown(world)).toMatchObject({ existed: true })
    expect(truth(world)).toEqual([])
  })
})

/** The notes of the journal, kept beyond the removal of its folder. */
async function journalOf(of: FakeWorld, work: () => Promise<unknown>): Promise<readonly string[]> {
  const kept: string[] = []
  const open = of.states.journal.bind(of.states)
  of.states.journal = async (name) => {
    const journal = await open(name)
    const note = (text: string): Promise<void> => Promise.resolve(void kept.push(text))
    return {
      ...journal,
      intend: (step) => note(`intend ${step}`).then(() => journal.intend(step)),
      closure: (volumes) => note(`closure ${volumes.join(' ')}`).then(() => journal.closure(volumes)),
    }
  }
  await work()
  return kept
}

describe('processes of a run that was killed', () => {
  test('[row 53] end before anything else is looked at or removed', async () => {
    await world.makePlayground('dev', { phase: 'creating' })
    world.processTable.start(devFolder, 'pulumi up')
    world.processTable.start(devFolder, 'kind create cluster')
    const seen: number[] = []
    const afterStep = after('cluster.closure', () => {
      seen.push(world.processTable.running.length)
      return Promise.resolve()
    })
    await runDown(world, {}, { afterStep })
    expect(seen).toEqual([0])
    expect(truth(world)).toEqual([])
  })

  test('[row 9] have 15 s for what they asked the engine for to turn up', async () => {
    await world.makePlayground('dev')
    world.processTable.start(devFolder, 'kind create cluster')
    const afterStep = after('local.context', () => {
      const late = world.clock.now() + 14_000
      const list = world.engine.clusterVolumes.bind(world.engine)
      world.engine.volumeLabels.set('late', 'play-dev')
      let came = false
      world.engine.clusterVolumes = (cluster, signal) => {
        if (!came && world.clock.now() >= late) world.engine.volumes.add('late')
        came ||= world.clock.now() >= late
        return list(cluster, signal)
      }
      return Promise.resolve()
    })
    await runDown(world, {}, { afterStep })
    expect(truth(world)).toEqual([])
    expect(world.states.certificates.at(-1)).toMatchObject({ settleMs: 15_000, sweeps: 1, verdict: 'empty' })
  })

  test('need no longer look where only a forward had to be ended, which makes nothing', async () => {
    world.processTable.start(devFolder, 'play open git', { forwards: true })
    await runDown(world)
    expect(world.processTable.running).toEqual([])
    expect(world.states.certificates.at(-1)).toMatchObject({ settleMs: 2000, verdict: 'empty' })
  })

  test('[row 9] have those 15 s as long as the journal does not know how the making ended', async () => {
    await world.makePlayground('dev')
    world.states.journals.set('dev', ['intend cluster.stack'])
    const afterStep = after('cluster.destroy', () => Promise.reject(new Error('killed')))
    await failure(runDown(world, {}, { afterStep }))
    await runDown(world)
    expect(world.states.certificates.map(({ settleMs }) => settleMs)).toEqual([15_000])
  })

  test('leave files beside the kubeconfig, which hold credentials and go', async () => {
    await world.makePlayground('dev')
    world.kubeconfigs.contexts.clear()
    world.kubeconfigs.left.add('/home/person/.kube/.config.play-1.tmp')
    await runDown(world)
    expect([...world.kubeconfigs.left]).toEqual([])
  })

  test('of a playground whose files are gone end as well', async () => {
    world.processTable.start(devFolder, 'kind create cluster')
    expect(await runDown(world)).toMatchObject({ existed: true })
    expect(truth(world)).toEqual([])
  })
})

describe('[row 26] the certificate', () => {
  test('is written when everything is gone, says who was asked, when and what, and where it is', async () => {
    await world.makePlayground('dev')
    let there: boolean | undefined
    const certify = world.states.certify.bind(world.states)
    world.states.certify = async (certificate) => {
      there = await world.states.exists('dev')
      return certify(certificate)
    }
    const result = await runDown(world)
    expect(there).toBe(false)
    expect(result.certificate).toMatch(/^\/states\/certificates\//)
    const [certificate, ...others] = world.states.certificates
    expect(others).toEqual([])
    expect(certificate).toMatchObject({
      ...{ name: 'dev', verdict: 'empty', scope: 'full', settleMs: 2000, sweeps: 0 },
      engine: { name: 'podman', identity: 'fake-engine' },
      queries: result.findings,
    })
    expect(certificate?.reads).toHaveLength(2)
    expect(result.findings[0]).not.toHaveProperty('items')
  })

  test.each([
    ['leftovers', 9],
    ['unknown', 10],
  ] as const)('says %s where that is the answer, and the files stay', async (verdict, exitCode) => {
    await world.makePlayground('dev')
    if (verdict === 'leftovers') world.engine.ignored.add('removeNetwork')
    const afterStep = after('local.context', () => {
      if (verdict === 'unknown') world.engine.failWith = PlayError.of('ENGINE_DOWN', { engine: 'podman' })
      return Promise.resolve()
    })
    expect(await failure(runDown(world, {}, { afterStep }))).toMatchObject({ exitCode })
    expect(world.states.certificates.map((each) => each.verdict)).toEqual([verdict])
    expect(await world.states.exists('dev')).toBe(true)
  })

  test('that cannot be written fails the run, and hides no answer', async () => {
    const unwritable = PlayError.of('STATE_UNWRITABLE', {
      path: '/states',
      reason: 'no space left on device',
    })
    world.states.certify = () => Promise.reject(unwritable)
    await world.makePlayground('dev')
    world.engine.ignored.add('removeNetwork')
    expect(await failure(runDown(world))).toMatchObject({ id: 'LEFTOVERS_FOUND' })
    world.engine.ignored.clear()
    expect(await failure(runDown(world))).toMatchObject({ id: 'STATE_UNWRITABLE' })
  })
})

describe('[row 19] --force', () => {
  test('removes by name and never asks Pulumi', async () => {
    await world.makePlayground('dev')
    const stack = world.stack('dev')
    stack.faults = { resources: new Error('the passphrase is lost') }
    await runDown(world, { force: true })
    expect(stack.calls).toEqual([])
    expect(truth(world)).toEqual([])
    expect(world.eventsOf('warning')).toEqual([])
  })

  test('is what it takes where the state folder cannot be written', async () => {
    await world.makePlayground('dev')
    const unwritable = PlayError.of('STATE_UNWRITABLE', { path: '/states', reason: 'read-only file system' })
    const refuse = (): Promise<never> => Promise.reject(unwritable)
    Object.assign(world.states, {
      lock: refuse,
      write: refuse,
      journal: refuse,
      remove: refuse,
      certify: refuse,
    })
    expect(await failure(runDown(world))).toMatchObject({ id: 'STATE_UNWRITABLE' })
    expect(world.engine.containers.size).toBe(1)
    // Its own files are left, and that is told; nothing else is.
    const error = await failure(runDown(world, { force: true }))
    expect(error).toMatchObject({ id: 'LEFTOVERS_FOUND', details: [`state: present: ${devFolder}`] })
    expect(world.engine.containers.size).toBe(0)
    expect(world.eventsOf('warning').map(({ id }) => id)).toContain('STATE_UNWRITABLE')
  })

  test('passes no lock by', async () => {
    await world.makePlayground('dev')
    await world.states.lock('dev', 'play up dev')
    expect(await failure(runDown(world, { force: true }))).toMatchObject({ id: 'STATE_LOCKED', exitCode: 4 })
  })
})

test('Pulumi has half of the time of its step; then it is done without it', async () => {
  await world.makePlayground('dev')
  world.stack('dev').destroy = ({ signal }) =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        reject(signal.reason as Error)
      })
    })
  await runDown(world)
  expect(truth(world)).toEqual([])
  expect(world.eventsOf('warning')).toHaveLength(1)
})
