import { beforeEach, describe, expect, test } from 'vitest'
import Extend from '../../commands/extend.ts'
import List from '../../commands/list.ts'
import Status from '../../commands/status.ts'
import Up from '../../commands/up.ts'
import { runCommand, type Said } from '../fakes/fake-app.ts'
import { FakeWorld } from '../fakes/fake-ports.ts'

const hour = 3_600_000

let world: FakeWorld
beforeEach(() => {
  world = new FakeWorld()
})

const extend = (...argv: string[]): Promise<Said> => runCommand(Extend, argv, world)
const inHours = (hours: number): string => new Date(world.clock.now() + hours * hour).toISOString()
/** Time passes a little while a command runs. */
const soonAfter = (instant: string): unknown =>
  expect.toSatisfy((text: string) => {
    const late = Date.parse(text) - Date.parse(instant)
    return late >= 0 && late < 60_000
  })
const expiryOf = (name: string): string | undefined => world.states.states.get(name)?.expiresAt

describe('play extend', () => {
  test('adds to the time that is left', async () => {
    await world.makePlayground('dev', { expiresAt: inHours(3) })
    const expected = inHours(5)
    const { stdout, exitCode } = await extend('2h')
    expect(exitCode).toBe(0)
    expect(stdout).toBe('Playground dev expires in 5h.\n')
    expect(expiryOf('dev')).toBe(expected)
  })

  test('counts from now where the time is over, or where there was no limit', async () => {
    await world.makePlayground('over', { expiresAt: inHours(-30) })
    await world.makePlayground('endless')
    const expected = inHours(2)
    await extend('over', '2h')
    await extend('endless', '2h')
    expect([expiryOf('over'), expiryOf('endless')]).toEqual([soonAfter(expected), soonAfter(expected)])
  })

  test('takes the limit away with --never', async () => {
    await world.makePlayground('workshop', { expiresAt: inHours(3) })
    const { stdout } = await extend('workshop', '--never')
    expect(stdout).toBe('Playground workshop no longer expires.\n')
    expect(expiryOf('workshop')).toBeUndefined()
  })

  test('tells machines the instant', async () => {
    await world.makePlayground('dev')
    const expected = inHours(24)
    const { stdout } = await extend('1d', '--json')
    expect(JSON.parse(stdout)).toEqual({ ok: true, result: { name: 'dev', expiresAt: soonAfter(expected) } })
  })

  test('changes nothing else, and waits for nobody who is at work', async () => {
    const before = await world.makePlayground('dev', { expiresAt: inHours(1) })
    const lock = await world.states.lock('dev', 'play up dev')
    const { stderr, exitCode } = await extend('2h')
    expect(exitCode).toBe(4)
    expect(stderr).toContain('play up dev')
    await lock.release()
    await extend('2h')
    const { expiresAt, ...after } = world.states.states.get('dev') ?? before
    const { expiresAt: former, ...rest } = before
    expect({ ...after, updatedAt: '' }).toEqual({ ...rest, updatedAt: '' })
    expect(expiresAt).not.toBe(former)
  })

  test.each([
    ['no duration', [], 2, 'play extend NAME 2h'],
    ['a name alone', ['workshop'], 2, '"workshop" is no duration'],
    ['a duration and --never', ['dev', '2h', '--never'], 2, 'not both'],
    ['more than a year', ['366d'], 2, 'at most 365d'],
    ['no such playground', ['other', '2h'], 4, 'no playground "other"'],
  ])('refuses %s', async (_what, argv, code, text) => {
    await world.makePlayground('dev')
    const { stderr, exitCode } = await extend(...argv)
    expect(exitCode).toBe(code)
    expect(stderr).toContain(text)
    expect(expiryOf('dev')).toBeUndefined()
  })

  test('[row 24] never shortens a life: a clock set back by a year counts from the old expiry', async () => {
    const expiresAt = inHours(365 * 24 + 3)
    await world.makePlayground('dev', { expiresAt })
    await extend('2h')
    expect(expiryOf('dev')).toBe(new Date(Date.parse(expiresAt) + 2 * hour).toISOString())
  })
})

describe('play up --ttl', () => {
  test('is noted, told, and shown by list and status', async () => {
    const expected = inHours(4)
    const { stdout, exitCode } = await runCommand(Up, ['--ttl', '4h', '--without', 'argo-cd'], world)
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/Expires\s+in /)
    expect(expiryOf('dev')).toEqual(soonAfter(expected))
    expect((await runCommand(List, [], world)).stdout).toMatch(/EXPIRES\n.* in \d+[hm]\n/)
    expect((await runCommand(Status, [], world)).stdout).toMatch(/Expires\s+in \d+[hm]\n/)
  })

  test('on a playground that stands sets it anew, and without the flag it stays', async () => {
    await runCommand(Up, ['--ttl', '4h', '--without', 'argo-cd'], world)
    const first = expiryOf('dev')
    await runCommand(Up, [], world)
    expect(expiryOf('dev')).toBe(first)
    const expected = inHours(1)
    await runCommand(Up, ['--ttl', '1h'], world)
    expect(expiryOf('dev')).toEqual(soonAfter(expected))
  })

  test('is on disk before anything is made', async () => {
    await runCommand(Up, ['--ttl', '4h'], world)
    expect(world.states.writes[0]?.expiresAt).toBeDefined()
  })

  test('refuses what is no duration', async () => {
    const { exitCode, stderr } = await runCommand(Up, ['--ttl', 'soon'], world)
    expect(exitCode).toBe(2)
    expect(stderr).toContain('"soon" is no duration')
  })
})

test('play list has no column for an expiry that nobody set', async () => {
  await world.makePlayground('dev')
  expect((await runCommand(List, [], world)).stdout).not.toContain('EXPIRES')
})
