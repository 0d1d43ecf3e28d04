/** What stops a run of the stack: silence after an error, an interrupt, a lock. */
import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { PlayError } from '../../src/domain/errors.ts'
import { diagnostic, thrownBy, useStackStage } from '../fakes/stack-stage.ts'

const world = useStackStage()

/** Recorded from pulumi 3.259.0 with a file backend. */
const locked = {
  exitCode: 255,
  stderr: [
    'error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.',
    '  file:///state/.pulumi/locks/organization/play/dev/4dd6.json: created by root@host (pid 4242) at 2026-01-01T00:00:00Z\n',
  ].join('\n'),
}

describe('an engine that reports an error and then falls silent', () => {
  const events = [diagnostic('error', 'error: serialization failed')]

  test('is interrupted once after half a minute, ends in order, and its own words are the error', async () => {
    const running = thrownBy(world.stage.up(world.stage.runner({ up: [{ events, silent: true }] })))
    await expect.poll(() => world.stage.clock.sleeping, { timeout: 10_000 }).toBe(1)
    await world.stage.clock.advance(29_999)
    expect(world.stage.story()).toEqual(['up'])
    await world.stage.clock.advance(1)
    const error = await running
    expect(error).toMatchObject({ id: 'STACK_FAILED', exitCode: 5 })
    expect(error.message).toContain('serialization failed')
    expect(world.stage.story()).toEqual(['up', 'interrupt up', 'end up'])
    expect(world.stage.clock.sleeping).toBe(0)
  })
})

describe('an interrupt', () => {
  test.each(['up', 'destroy'] as const)(
    'of %s reaches the engine once, and its orderly end is awaited',
    async (verb) => {
      const stack = world.stage.runner({
        up: [verb === 'up' ? { silent: true } : {}],
        destroy: [{ silent: true }],
      })
      if (verb === 'destroy') await world.stage.up(stack)
      const running = thrownBy(verb === 'up' ? world.stage.up(stack) : world.stage.destroy(stack))
      await expect.poll(() => world.stage.story().at(-1), { timeout: 10_000 }).toBe(verb)
      world.stage.over.abort(PlayError.of('CANCELLED', { resume: [] }))
      expect((await running).id).toBe('CANCELLED')
      expect(world.stage.story().slice(-3)).toEqual([verb, `interrupt ${verb}`, `end ${verb}`])
      expect(await stack.resources()).toBeDefined()
    },
  )

  test('that came before anything was run runs nothing', async () => {
    world.stage.over.abort(PlayError.of('CANCELLED', { resume: [] }))
    expect((await thrownBy(world.stage.up(world.stage.runner({})))).id).toBe('CANCELLED')
    expect(world.stage.story()).toEqual([])
  })
})

describe('a lock', () => {
  test('that a crash left is cleared, and the run goes on', async () => {
    await world.stage.up(world.stage.runner({ up: [locked, {}], cancel: [{}] }))
    expect(world.stage.story()).toEqual(['up', 'cancel', 'up'])
    expect(world.stage.calls()[1]?.args).toEqual(
      expect.arrayContaining(['--yes', '--stack', 'dev', '--non-interactive']),
    )
  })

  test('that a crash left half written is cleared before the engine meets it', async () => {
    const [torn, whole] = await world.stage.writeEngineLocks('{"pid": 12', '{"pid": 12}')
    await world.stage.up(world.stage.runner({ up: [{}] }))
    expect(existsSync(torn ?? '')).toBe(false)
    expect(existsSync(whole ?? '')).toBe(true)
    expect(world.stage.story()).toEqual(['up'])
  })

  test('that is being written by an engine that runs is left alone', async () => {
    const [torn] = await world.stage.writeEngineLocks('')
    const lockOwnerIsDead = (): Promise<boolean> => Promise.resolve(false)
    await world.stage.up(world.stage.runner({ up: [{}] }, { lockOwnerIsDead }))
    expect(existsSync(torn ?? '')).toBe(true)
  })

  test('of a removal is cleared too', async () => {
    const stack = world.stage.runner({ up: [{}], destroy: [locked, {}], cancel: [{}], 'stack rm': [{}] })
    await world.stage.up(stack)
    await world.stage.destroy(stack)
    expect(world.stage.story()).toEqual(['up', 'destroy', 'cancel', 'destroy', 'stack rm'])
  })

  test('of somebody who lives is left alone, and said to be one', async () => {
    const lockOwnerIsDead = (): Promise<boolean> => Promise.resolve(false)
    const error = await thrownBy(world.stage.up(world.stage.runner({ up: [locked] }, { lockOwnerIsDead })))
    expect(error.id).toBe('STACK_FAILED')
    expect(error.message).toContain('currently locked by 1 lock(s)')
    expect(world.stage.story()).toEqual(['up'])
  })

  test('that is back at once is no reason to try for ever', async () => {
    const error = await thrownBy(world.stage.up(world.stage.runner({ up: [locked, locked], cancel: [{}] })))
    expect(error.id).toBe('STACK_FAILED')
    expect(world.stage.story()).toEqual(['up', 'cancel', 'up'])
  })

  test('is no pretext: another failure clears nothing', async () => {
    await thrownBy(
      world.stage.up(world.stage.runner({ up: [{ exitCode: 255, stderr: 'error: disk full\n' }] })),
    )
    expect(world.stage.story()).toEqual(['up'])
  })
})
