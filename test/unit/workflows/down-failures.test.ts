import { beforeEach, describe, expect, test } from 'vitest'
import { PlayError } from '../../../src/domain/errors.ts'
import { FakeWorld } from '../../fakes/fake-ports.ts'
import { after, plannedSteps, runDown } from './verbs.ts'

let world: FakeWorld
beforeEach(() => {
  world = new FakeWorld()
})

describe('a failure or an interrupt after each step', async () => {
  const steps = await plannedSteps((fresh) => runDown(fresh))

  test.each(steps)('after %s: the next down leaves nothing', async (step) => {
    const before = world.snapshot()
    await world.makePlayground('dev')
    const afterStep = after(step, () => Promise.reject(new Error('injected')))
    expect(await runDown(world, {}, { afterStep }).catch((error: unknown) => error)).toMatchObject({
      id: 'BUG_UNEXPECTED',
    })
    await runDown(world)
    expect(world.snapshot()).toEqual(before)
  })

  test.each(steps.slice(0, -1))('interrupted after %s it names the command that resumes', async (step) => {
    await world.makePlayground('dev')
    const interrupt = new AbortController()
    const afterStep = after(step, () => {
      interrupt.abort(PlayError.of('CANCELLED', { resume: [] }))
      return Promise.resolve()
    })
    expect(
      await runDown(world, {}, { afterStep, signal: interrupt.signal }).catch((error: unknown) => error),
    ).toMatchObject({
      id: 'CANCELLED',
      suggestions: ['play down dev'],
    })
    expect(await runDown(world)).toMatchObject({ existed: true })
  })
})
