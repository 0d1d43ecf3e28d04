import { beforeEach, describe, expect, test } from 'vitest'
// Loaded once and before any clock runs: it takes a second.
import '../../../src/sources/kind/program.ts'
import { PlayError } from '../../../src/domain/errors.ts'
import { FakeWorld } from '../../fakes/fake-ports.ts'
import { after, plannedSteps, planUp, runDown, runUp } from './verbs.ts'

const steps = await plannedSteps((fresh) => planUp(fresh))

let world: FakeWorld
beforeEach(() => {
  world = new FakeWorld()
  world.kubeconfigs.contexts.set('work', { server: 'https://work.example.org' })
  world.kubeconfigs.current = 'work'
})

/** What must be as it was once everything is gone; a loaded image stays. */
function outside(): object {
  return { ...(world.snapshot() as object), images: [] }
}

function failAfter(step: string): Promise<unknown> {
  const fail = after(step, () => Promise.reject(new Error(`injected after ${step}`)))
  return runUp(world, {}, { afterStep: fail })
}

describe('a failure after each step', () => {
  test.each(steps)('after %s: the next up converges, and the one after changes nothing', async (step) => {
    await expect(failAfter(step)).rejects.toThrow(`injected after ${step}`)
    expect(world.eventsOf('run.failed')).toHaveLength(1)
    expect(world.states.states.get('dev')?.phase).toBe('failed')
    await runUp(world)
    expect(world.states.states.get('dev')).toMatchObject({
      phase: 'ready',
      mergedContext: { context: 'play-dev', formerContext: 'work' },
    })
    expect(world.engine.containers.size).toBe(1)
    expect((await runUp(world)).changed).toEqual([])
  })

  test.each(steps)('after %s: down removes everything', async (step) => {
    const before = outside()
    await failAfter(step).catch(() => undefined)
    expect(await runDown(world)).toMatchObject({ existed: true })
    expect(outside()).toEqual(before)
  })
})

describe('a failure', () => {
  test('of kind leaves a half-made cluster that the next up and down both understand', async () => {
    const before = outside()
    world.stack('dev').faults.up = PlayError.of('KIND_FAILED', { what: 'make the cluster: x', name: 'dev' })
    await expect(runUp(world, { nodes: 2 })).rejects.toMatchObject({ id: 'KIND_FAILED', exitCode: 5 })
    expect(world.engine.containers.size).toBe(1)
    expect(await runDown(world)).toMatchObject({ existed: true })
    expect(outside()).toEqual(before)
  })

  test('of an unknown sort is told as a bug, with its message', async () => {
    await expect(failAfter('cluster.stack')).rejects.toMatchObject({ id: 'BUG_UNEXPECTED', exitCode: 1 })
  })

  test('that cannot be written down is told all the same', async () => {
    const fail = after('cluster.access', () => {
      world.states.write = () =>
        Promise.reject(PlayError.of('STATE_UNWRITABLE', { path: '/', reason: 'disk full' }))
      return Promise.reject(new Error('the real reason'))
    })
    await expect(runUp(world, {}, { afterStep: fail })).rejects.toThrow('the real reason')
  })

  test('of the API is told once, as the error of the step that met it', async () => {
    const apply = after('cluster.access', () => {
      const refusal = PlayError.of('API_REJECTED', { object: 'Namespace argocd', reason: 'quota' })
      world.cluster('dev').fail('apply Namespace argocd', refusal)
      return Promise.resolve()
    })
    await expect(runUp(world, {}, { afterStep: apply })).rejects.toMatchObject({
      id: 'API_REJECTED',
      exitCode: 6,
    })
    expect(world.eventsOf('step.failed').map(({ step }) => step)).toEqual(['argo-cd.apply'])
    expect(world.eventsOf('run.failed')[0]?.error.id).toBe('API_REJECTED')
  })

  test('of a former up does not keep a destroyed phase once up goes on', async () => {
    await world.makePlayground('dev', { phase: 'destroying' })
    await runUp(world)
    expect(world.states.writes.map(({ phase }) => phase)).toEqual(['destroying', 'creating', 'ready'])
  })
})

describe('an interrupt', () => {
  const reason = PlayError.of('CANCELLED', { resume: [] })

  test.each(['preflight.image', 'cluster.access', 'cluster.kubeconfig', 'argo-cd.apply'])(
    'after %s ends the run in order and names the commands that resume and clean up',
    async (step) => {
      const interrupt = new AbortController()
      const afterStep = after(step, () => {
        interrupt.abort(reason)
        return Promise.resolve()
      })
      const error: unknown = await runUp(world, {}, { signal: interrupt.signal, afterStep }).catch(
        (each: unknown) => each,
      )
      expect(error).toMatchObject({
        id: 'CANCELLED',
        exitCode: 130,
        suggestions: ['play up dev', 'play down dev'],
      })
      expect(world.events.at(-1)).toMatchObject({
        type: 'run.cancelled',
        resume: ['play up dev', 'play down dev'],
      })
      const ends = world.events.filter(({ type }) =>
        /^step\.(succeeded|failed|skipped|cancelled)$/.test(type),
      )
      expect(ends).toHaveLength(world.eventsOf('step.started').length)
      expect(world.states.states.get('dev')?.phase).toBe('failed')
      expect((await runUp(world)).name).toBe('dev')
    },
  )

  test('while the cluster is being made waits for the orderly end, and down then leaves nothing', async () => {
    const before = outside()
    world.stack('dev').faults.hangs = true
    const interrupt = new AbortController()
    const running = runUp(world, {}, { signal: interrupt.signal })
    const polled = setInterval(() => {
      if (world.engine.containers.size > 0) interrupt.abort(reason)
    }, 1)
    await expect(running).rejects.toMatchObject({ id: 'CANCELLED' })
    clearInterval(polled)
    expect(world.eventsOf('step.cancelled').map(({ step }) => step)).toContain('cluster.stack')
    expect(world.states.journals.get('dev')).toContain('cancelled cluster.stack')
    await runDown(world)
    expect(outside()).toEqual(before)
  })

  test('before anything began changes nothing', async () => {
    const interrupt = new AbortController()
    interrupt.abort(reason)
    await expect(runUp(world, {}, { signal: interrupt.signal })).rejects.toMatchObject({ id: 'CANCELLED' })
    expect(world.engine.changes).toEqual([])
  })
})

describe('every story', () => {
  test('begins once, ends once, and gives each step that started one end', async () => {
    await runUp(world)
    const types = world.events.map(({ type }) => type)
    expect(types[0]).toBe('run.started')
    expect(types.at(-1)).toBe('run.succeeded')
    expect(world.eventsOf('step.succeeded')).toHaveLength(world.eventsOf('step.started').length)
    expect(world.events.map(({ seq }) => seq)).toEqual(world.events.map((_, index) => index + 1))
  })

  test('holds no credentials', async () => {
    await runUp(world)
    expect(JSON.stringify(world.events)).not.toContain('client-key-data')
    expect(JSON.stringify([...world.states.states.values()])).not.toContain('client-key-data')
  })
})
