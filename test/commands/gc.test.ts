import { beforeEach, describe, expect, test } from 'vitest'
import Down from '../../commands/down.ts'
import Gc from '../../commands/gc.ts'
import Status from '../../commands/status.ts'
import { PlayError } from '../../src/domain/errors.ts'
import type { GcTimer } from '../../src/domain/gc-timer.ts'
import type { GarbageRow } from '../../src/domain/results.ts'
import { runCommand, type RunOptions, type Said } from '../fakes/fake-app.ts'
import { FakeWorld } from '../fakes/fake-ports.ts'

const hour = 3_600_000

let world: FakeWorld
beforeEach(() => {
  world = new FakeWorld()
})

const gc = (argv: readonly string[], options: RunOptions = {}): Promise<Said> =>
  runCommand(Gc, argv, world, options)
const inHours = (hours: number): string => new Date(world.clock.now() + hours * hour).toISOString()

function rowsOf({ stdout }: Said): unknown {
  const { result } = JSON.parse(stdout) as { result: GarbageRow[] }
  return result.map(({ kind, what, removed }) => [kind, what, removed])
}

/** One of everything that may go. */
async function litter(): Promise<void> {
  await world.makePlayground('old', { expiresAt: inHours(-5) })
  await world.makePlayground('new', { expiresAt: inHours(1) })
  await world.makePlayground('lost')
  await world.states.remove('lost')
  world.processTable.start('/states/playgrounds/lost', 'kind create cluster')
  world.processTable.start('/states/playgrounds/new', 'kubectl port-forward')
  world.states.strayFiles.push({ path: '/states/playgrounds/.x.lock', kind: 'lock', name: 'x' })
}

describe('play gc', () => {
  test('removes what nobody needs, tells what and why, and leaves the rest', async () => {
    await litter()
    const { stdout, exitCode } = await gc(['--yes'])
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^KIND +WHAT +WHY +REMOVED\n/)
    expect(stdout).toMatch(/expired playground +old +expired 5h ago +yes/)
    expect(stdout).toMatch(/orphaned cluster +play-lost +its playground in .* is gone +yes/)
    expect(stdout).toMatch(/process +\d+ kind create cluster +.* is gone +yes/)
    expect(stdout).toMatch(/lock +\/states\/playgrounds\/\.x\.lock +whoever took it is dead +yes/)
    expect(await world.states.list()).toEqual(['new'])
    expect(world.processTable.running.map(({ command }) => command)).toEqual(['kubectl port-forward'])
    expect([...world.engine.containers.values()].map(({ name }) => name)).toEqual(['play-new-control-plane'])
    expect(world.states.strayFiles).toEqual([])
  })

  test('with --expired looks for nothing else', async () => {
    await litter()
    const said = await gc(['--expired', '--yes', '--json'])
    expect(rowsOf(said)).toEqual([['expired playground', 'old', true]])
    expect(world.processTable.running).toHaveLength(2)
  })

  test('with --dry-run shows it and removes nothing', async () => {
    await litter()
    const before = world.snapshot()
    const { stdout, exitCode } = await gc(['--dry-run'])
    expect(exitCode).toBe(0)
    expect(stdout).toContain('play-lost')
    expect(stdout).not.toContain('REMOVED')
    expect(world.snapshot()).toEqual(before)
  })

  test('shows what it would remove before it asks, and takes no for an answer', async () => {
    await litter()
    const before = world.snapshot()
    const { stdout, stderr, exitCode } = await gc([], { answer: false })
    expect(exitCode).toBe(0)
    expect(stderr).toMatch(/KIND +WHAT +WHY\n/)
    expect(stdout).toBe('Nothing was removed.\n')
    expect(world.snapshot()).toEqual(before)
  })

  test('is refused where there is nobody to ask, and says what to add', async () => {
    await litter()
    const before = world.snapshot()
    const { stderr, exitCode } = await gc([])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('--yes')
    expect(world.snapshot()).toEqual(before)
  })

  test('asks nothing where there is nothing', async () => {
    const { stdout, exitCode } = await gc([])
    expect(exitCode).toBe(0)
    expect(stdout).toBe('Nothing to remove.\n')
  })

  test('[row 10] leaves the clusters and processes of other state folders alone', async () => {
    await world.makePlayground('lost')
    const folder = world.states.folder('lost')
    await world.states.remove('lost')
    world.states.otherFolders.add(folder)
    world.processTable.start(folder, 'pulumi up')
    expect((await gc(['--yes'])).stdout).toBe('Nothing to remove.\n')
  })

  test('[row 25] finds a cluster whose state is gone, and removes nothing without a yes', async () => {
    await world.makePlayground('lost')
    await world.states.remove('lost')
    expect((await gc([], { answer: false })).stderr).toContain('play-lost')
    expect(world.engine.containers.size).toBe(1)
    await gc([], { answer: true })
    expect([world.engine.containers.size, world.engine.volumes.size]).toEqual([0, 0])
  })
})

describe('play gc where something fails', () => {
  test('goes on with the others, and ends with the exit code of the first', async () => {
    await world.makePlayground('one', { expiresAt: inHours(-2) })
    await world.makePlayground('two', { expiresAt: inHours(-2) })
    world.engine.ignored.add('removeNetwork')
    await world.makePlayground('broken')
    world.states.damaged.add('broken')
    const said = await gc(['--expired', '--yes', '--json'])
    expect(said.exitCode).toBe(4)
    expect(rowsOf(said)).toEqual([
      ['expired playground', 'one', true],
      ['expired playground', 'two', true],
    ])
  })

  test('still looks everywhere else when the engine does not answer', async () => {
    world.states.strayFiles.push({ path: '/states/playgrounds/.x.lock', kind: 'lock', name: 'x' })
    world.engineError = PlayError.of('ENGINE_DOWN', { engine: 'podman' })
    const said = await gc(['--yes', '--json'])
    expect(said.exitCode).toBe(3)
    expect(rowsOf(said)).toEqual([['lock', '/states/playgrounds/.x.lock', true]])
  })

  test('leaves what somebody else is at work on to the next time', async () => {
    await world.makePlayground('dev', { expiresAt: inHours(-2) })
    const lock = await world.states.lock('dev', 'play up dev')
    const { stdout, exitCode } = await gc(['--yes', '--expired'])
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/play up dev.* no\n/)
    expect(await world.states.exists('dev')).toBe(true)
    await lock.release()
  })

  test('stops at an interrupt and removes no more', async () => {
    await world.makePlayground('one', { expiresAt: inHours(-2) })
    await world.makePlayground('two', { expiresAt: inHours(-2) })
    const { exitCode } = await gc(['--yes'], { interrupt: { after: 'cluster.destroy', signal: 'SIGINT' } })
    expect(exitCode).toBe(130)
    expect(await world.states.exists('two')).toBe(true)
  })
})

describe('expired playgrounds', () => {
  beforeEach(async () => {
    await world.makePlayground('dev', { expiresAt: inHours(-5) })
    await world.makePlayground('other', { expiresAt: inHours(1) })
  })

  test.each(['plain', 'json', 'ndjson'])('are named by every command on stderr (%s)', async (mode) => {
    const { stderr } = await runCommand(Status, ['other', '--output', mode], world)
    expect(stderr).toContain('Playground "dev" expired 5h ago. Remove it: play down dev  (or all: play gc)\n')
    expect(stderr).not.toContain('"other" expired')
  })

  test('are not named by the command that removes them', async () => {
    await world.makePlayground('late', { expiresAt: inHours(-9) })
    const { stderr } = await runCommand(Down, ['dev'], world)
    expect(stderr).not.toContain('"dev" expired')
    expect(stderr).toContain('"late" expired 9h ago')
    expect((await gc(['--dry-run'])).stderr).not.toContain('expired 9h ago. Remove')
  })

  test('that cannot be read fail no command', async () => {
    const expiries = (): Promise<never> => Promise.reject(new Error('no'))
    expect((await runCommand(Status, ['other'], world, { app: { expiries } })).exitCode).toBe(0)
  })
})

describe('play gc --install', () => {
  let done: string[]
  let there: string[]
  let timer: GcTimer
  beforeEach(() => {
    done = []
    there = []
    const changed = ['/c/play-gc.timer']
    timer = {
      files: [{ path: '/c/play-gc.timer', text: '[Timer]\n' }],
      cronLine: '*/15 * * * * play gc',
      installed: () => Promise.resolve(there),
      install: () => Promise.resolve(done.push('install')).then(() => ({ changed })),
      uninstall: () => Promise.resolve(done.push('uninstall')).then(() => ({ changed })),
    }
  })
  const withTimer = (...argv: string[]): Promise<Said> =>
    gc(argv, { app: { gcTimer: () => Promise.resolve(timer) } })

  test('prints the timer and a line for cron, and writes nothing', async () => {
    const { stdout, exitCode } = await withTimer('--install')
    expect(exitCode).toBe(0)
    for (const text of ['# /c/play-gc.timer\n[Timer]', '*/15 * * * * play gc', 'play gc --install --yes'])
      expect(stdout).toContain(text)
    expect(done).toEqual([])
  })

  test('with --yes writes it, and --uninstall --yes removes it', async () => {
    expect((await withTimer('--install', '--yes')).stdout).toContain('Wrote /c/play-gc.timer')
    expect((await withTimer('--uninstall', '--yes')).stdout).toContain('Removed /c/play-gc.timer')
    expect(done).toEqual(['install', 'uninstall'])
  })

  test('--uninstall only says what it would remove', async () => {
    there = ['/c/play-gc.timer']
    expect((await withTimer('--uninstall')).stdout).toContain('Would remove /c/play-gc.timer')
    expect(done).toEqual([])
  })

  test('says where systemd does not answer what to do instead', async () => {
    timer = { ...timer, install: () => Promise.resolve({ changed: [], refusal: 'there is no systemctl' }) }
    const { stdout, exitCode } = await withTimer('--install', '--yes')
    expect(exitCode).toBe(0)
    expect(stdout).toContain('there is no systemctl')
    expect(stdout).toContain('crontab -e')
  })
})
