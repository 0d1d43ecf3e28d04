import { beforeEach, describe, expect, test } from 'vitest'
import Down from '../../commands/down.ts'
import { PlayError } from '../../src/domain/errors.ts'
import type { DownForecast, DownResult } from '../../src/domain/results.ts'
import type { ErrorData } from '../../src/engine/events.ts'
import { runCommand, type RunOptions, type Said } from '../fakes/fake-app.ts'
import { FakeWorld } from '../fakes/fake-ports.ts'

let world: FakeWorld
beforeEach(() => {
  world = new FakeWorld()
})

function down(argv: readonly string[], options: RunOptions = {}): Promise<Said> {
  return runCommand(Down, argv, world, options)
}

describe('play down', () => {
  test('says what it looked for and found', async () => {
    await world.makePlayground('dev')
    const { stdout, exitCode } = await down([])
    expect(exitCode).toBe(0)
    expect(stdout).toContain('Playground dev is gone.')
    for (const place of ['containers', 'volumes', 'network', 'kubeconfig', 'state'])
      expect(stdout).toContain(place)
  })

  test('of what does not exist is fine', async () => {
    const { stdout, exitCode } = await down(['never'])
    expect(exitCode).toBe(0)
    expect(stdout).toContain('There is no playground never')
  })

  test('gives machines one entry for each', async () => {
    await world.makePlayground('one')
    const { stdout } = await down(['one', 'two', '--json'])
    const { ok, result } = JSON.parse(stdout) as { ok: boolean; result: DownResult[] }
    expect(ok).toBe(true)
    expect(result.map(({ name, existed }) => [name, existed])).toEqual([
      ['one', true],
      ['two', false],
    ])
  })

  test('with --dry-run claims nothing and removes nothing', async () => {
    await world.makePlayground('dev')
    const before = world.snapshot()
    const { stdout, stderr, exitCode } = await down(['--dry-run'])
    expect(exitCode).toBe(0)
    expect(stderr).toContain('would run')
    expect(stdout).toContain('play-dev-control-plane')
    expect(stdout).not.toMatch(/gone|no playground/)
    expect(world.snapshot()).toEqual(before)
  })

  test('with --dry-run tells machines what would go', async () => {
    await world.makePlayground('dev')
    const { stdout } = await down(['dev', 'never', '--dry-run', '--json'])
    const { ok, result } = JSON.parse(stdout) as { ok: boolean; result: readonly DownForecast[] }
    expect(ok).toBe(true)
    expect(result.map(({ name, wouldRemove }) => [name, wouldRemove.map(({ layer }) => layer)])).toEqual([
      ['dev', ['containers', 'volumes', 'kubeconfig', 'state']],
      ['never', []],
    ])
  })

  test('says where the certificate is, and gives it to machines', async () => {
    await world.makePlayground('dev')
    const { stdout } = await down(['--json'])
    const { result } = JSON.parse(stdout) as { result: readonly DownResult[] }
    expect(result[0]?.certificate).toMatch(/^\/states\/certificates\/.*dev.*\.json$/)
    expect(result[0]?.findings.every((finding) => finding.result === 'absent')).toBe(true)
  })

  test('with --force removes without Pulumi', async () => {
    await world.makePlayground('dev')
    const { calls } = world.stack('dev')
    expect((await down(['--force'])).exitCode).toBe(0)
    expect(calls).toEqual([])
    expect(world.engine.containers.size).toBe(0)
  })
})

describe('play down --all', () => {
  beforeEach(async () => {
    await world.makePlayground('one')
    await world.makePlayground('two')
  })

  test('is refused where there is nobody to ask, and says what to add', async () => {
    const { stderr, exitCode } = await down(['--all'])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('--yes')
    expect(await world.states.list()).toEqual(['one', 'two'])
  })

  test('removes all after a yes', async () => {
    expect((await down(['--all', '--yes'])).exitCode).toBe(0)
    expect(await world.states.list()).toEqual([])
  })

  test('removes a damaged one too with --force', async () => {
    world.states.damaged.add('one')
    expect((await down(['--all', '--yes', '--force'])).exitCode).toBe(0)
    expect(await world.states.list()).toEqual([])
    expect(world.engine.containers.size).toBe(0)
  })

  test('removes none after a no, and says so', async () => {
    const { stdout, exitCode } = await down(['--all'], { answer: false })
    expect(exitCode).toBe(0)
    expect(stdout).toContain('Nothing was removed')
    expect(await world.states.list()).toEqual(['one', 'two'])
  })

  test('asks nothing for a dry run', async () => {
    expect((await down(['--all', '--dry-run'])).exitCode).toBe(0)
    expect(await world.states.list()).toEqual(['one', 'two'])
  })

  test('is refused beside names', async () => {
    expect((await down(['one', '--all', '--yes'])).exitCode).toBe(2)
    expect(await world.states.list()).toEqual(['one', 'two'])
  })
})

describe('play down fails', () => {
  test.each([
    ['a flag that does not exist, though any number of words is taken', ['--forse'], 'Did you mean --force?'],
    ['a short flag that does not exist', ['-x'], 'no flag -x'],
    ['a name that is none', ['dev', 'Bad_Name'], '"Bad_Name" is no name'],
  ])('with exit code 2 for %s, before anything is removed', async (_what, argv, text) => {
    await world.makePlayground('dev')
    const { stderr, exitCode } = await down(argv)
    expect(exitCode).toBe(2)
    expect(stderr).toContain(text)
    expect(await world.states.list()).toEqual(['dev'])
  })

  test('with exit code 4 for a state that cannot be read, and tells it even after another was removed', async () => {
    await world.makePlayground('one')
    await world.makePlayground('two')
    world.states.damaged.add('two')
    const { stderr, exitCode } = await down(['one', 'two'])
    expect(exitCode).toBe(4)
    expect(stderr).toContain('STATE_DAMAGED')
    expect(stderr).toContain('play down two --force')
  })

  test('with exit code 9 when something is left, and lists it', async () => {
    await world.makePlayground('dev')
    world.engine.ignored.add('removeNetwork')
    const { stdout, stderr, exitCode } = await down([])
    expect(exitCode).toBe(9)
    expect(stdout).toBe('')
    expect(stderr).toContain('network: present: kind')
    expect(stderr).toContain('play down dev')
  })

  test('with exit code 10 when another engine answers than the one that was used', async () => {
    await world.makePlayground('dev')
    world.engine.id = 'another'
    const { stdout, stderr, exitCode } = await down([])
    expect(exitCode).toBe(10)
    expect(stdout).toBe('')
    expect(stderr).toContain('ENGINE_CHANGED')
    expect(world.engine.containers.size).toBe(1)
  })

  test('with exit code 10 when it could not look everywhere', async () => {
    await world.makePlayground('dev')
    const look = world.kubeconfigs.contains.bind(world.kubeconfigs)
    let looks = 0
    world.kubeconfigs.contains = (path, context) => {
      looks += 1
      const broken = PlayError.of('KUBECONFIG_DAMAGED', { path, reason: 'it is no YAML' })
      return looks > 1 ? Promise.reject(broken) : look(path, context)
    }
    const { stderr, exitCode } = await down([])
    expect(exitCode).toBe(10)
    expect(stderr).toContain('EMPTINESS_UNKNOWN')
    expect(stderr).toContain('kubeconfig: unknown')
  })

  test('after an interrupt with exit code 130, naming what resumes', async () => {
    await world.makePlayground('dev')
    const { stderr, exitCode } = await down([], { interrupt: { after: 'cluster.destroy', signal: 'SIGINT' } })
    expect(exitCode).toBe(130)
    expect(stderr).toContain('play down dev')
  })
})

describe('play down of several where more than one fails', () => {
  beforeEach(async () => {
    for (const name of ['one', 'two', 'three']) await world.makePlayground(name)
    world.states.damaged.add('one').add('three')
  })

  test('gives machines one document: the first error, the others in its details, and each one’s end', async () => {
    const { stdout, exitCode } = await down(['one', 'two', 'three', '--json'])
    expect(exitCode).toBe(4)
    const { ok, error, result } = JSON.parse(stdout) as { ok: boolean; error: ErrorData; result: unknown }
    expect(ok).toBe(false)
    expect(error).toMatchObject({ id: 'STATE_DAMAGED', exitCode: 4 })
    expect(error.message).toContain('/one/')
    expect(error.details.join('\n')).toContain('/three/')
    expect(result).toMatchObject([
      { name: 'one', error: { id: 'STATE_DAMAGED' } },
      { name: 'two', existed: true },
      { name: 'three', error: { id: 'STATE_DAMAGED', suggestions: expect.any(Array) as string[] } },
    ])
  })

  test('tells a person each of them, and of the one that is gone', async () => {
    const { stdout, stderr, exitCode } = await down(['one', 'two', 'three'])
    expect(exitCode).toBe(4)
    expect(stdout).toContain('Playground two is gone.')
    expect(stderr).toContain('play down one --force')
    expect(stderr).toContain('play down three --force')
  })

  test('says so once each as events: no line claims success', async () => {
    const { stdout } = await down(['one', 'three', '--output', 'ndjson'])
    const lines = stdout.trim().split('\n')
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      ok: false,
      result: [{ name: 'one' }, { name: 'three' }],
    })
  })
})
