/** Playgrounds that a play made before it knew engines by identity, segments and time to live: this one works with them. */
import { access, chmod, copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
// Loaded once and before any clock runs: it takes a second.
import '../../src/sources/kind/program.ts'
import Down from '../../commands/down.ts'
import Extend from '../../commands/extend.ts'
import Inventory from '../../commands/inventory.ts'
import List from '../../commands/list.ts'
import Status from '../../commands/status.ts'
import Up from '../../commands/up.ts'
import { createProcessRunner } from '../../src/adapters/execa-process-runner.ts'
import { createFileStateStore } from '../../src/adapters/file-state-store.ts'
import { ownIdentity } from '../../src/adapters/process-identity.ts'
import type { PlaygroundState } from '../../src/domain/playground.ts'
import type { StateStore } from '../../src/domain/ports.ts'
import { openJournal } from '../../src/journal/journal.ts'
import { replay } from '../../src/journal/record.ts'
import { runCommand, type RunOptions, type Said } from '../fakes/fake-app.ts'
import { FakeWorld } from '../fakes/fake-ports.ts'

/** Files as that play wrote them, one folder for each way in which it ended; taken from runs of it, never edited. */
const fixtures = join(import.meta.dirname, '../fixtures/states/before-engine-identity')
/** The words that made each of them. */
const made = {
  ready: ['--port', '8080:30080'],
  creating: [],
  failed: ['--nodes', '2', '--without', 'argo-cd,argo-workflows,registry,buildkit'],
  destroying: ['--without', 'argo-cd,argo-workflows,registry,buildkit,git'],
} as const
type Ending = keyof typeof made
const endings = Object.keys(made) as Ending[]
const processes = createProcessRunner({ env: process.env })

let world: FakeWorld
let stateDir: string
let app: NonNullable<RunOptions['app']>

beforeEach(async () => {
  world = new FakeWorld()
  stateDir = await mkdtemp(join(tmpdir(), 'play-old-'))
})

afterEach(() => rm(stateDir, { recursive: true }))

function play(command: typeof Up | typeof Down | typeof List, ...argv: string[]): Promise<Said> {
  return runCommand(command, argv, world, { app })
}

const fileOf = (name: string): string => join(stateDir, 'playgrounds', 'dev', name)

async function stateOf(): Promise<PlaygroundState> {
  return JSON.parse(await readFile(fileOf('state.json'), 'utf8')) as PlaygroundState
}

function filesStore(): StateStore {
  const now = (): number => world.clock.now()
  const journal = { epoch: 'a-new-run', tool: 'play test', now }
  return createFileStateStore({
    ...{ stateDir, processes, now },
    openJournal: (path) => openJournal(path, journal),
  })
}

/** Puts the playground there as the old play left it: what it had made, its files, and nothing that came later. */
async function oldPlayground(ending: Ending): Promise<void> {
  const { id } = JSON.parse(await readFile(join(fixtures, ending, 'state.json'), 'utf8')) as PlaygroundState
  const store = filesStore()
  app = { ports: { ...world.ports, states: () => Promise.resolve(store), newId: () => id } }
  expect((await play(Up, ...made[ending])).exitCode).toBe(0)
  if (ending === 'creating' || ending === 'failed') {
    world.stack('dev').state = undefined
    world.kubeconfigs.own.clear()
    world.kubeconfigs.contexts.clear()
    world.kubeconfigs.current = null
  }
  for (const file of ['state.json', 'journal.jsonl']) {
    await copyFile(join(fixtures, ending, file), fileOf(file))
    await chmod(fileOf(file), 0o600)
  }
  world.events.length = 0
  await refuseNewFiles()
}

async function refuseNewFiles(): Promise<void> {
  const files = await readdir(join(stateDir, 'playgrounds', 'dev'))
  expect(files.filter((file) => /plugin|segment|tmp/.test(file))).toEqual([])
  const state = await stateOf()
  expect(state).not.toHaveProperty('engineIdentity')
  expect(state).not.toHaveProperty('expiresAt')
  const { records, condition } = replay(await readFile(fileOf('journal.jsonl')))
  expect(condition).toBe('sound')
  expect(records.filter(({ kind }) => !['root', 'intent', 'settle'].includes(kind))).toEqual([])
}

/** Leaves the lock of a process that is gone, as a kill does. */
async function leaveLock(): Promise<void> {
  const owner = { ...(await ownIdentity(processes)), startTime: '1', command: 'play up dev' }
  const text = `${JSON.stringify({ ...owner, since: 0, epoch: '0123456789abcdef' })}\n`
  await writeFile(join(stateDir, 'playgrounds', '.dev.lock'), text, { mode: 0o600 })
}

async function expectNothingLeft(): Promise<void> {
  const { containers, volumes, networks } = world.engine
  expect([...containers.keys(), ...volumes, ...networks, ...world.kubeconfigs.contexts.keys()]).toEqual([])
  expect(await readdir(join(stateDir, 'playgrounds'))).toEqual([])
  const [certificate = '', ...others] = await readdir(join(stateDir, 'certificates'))
  expect(others).toEqual([])
  expect(JSON.parse(await readFile(join(stateDir, 'certificates', certificate), 'utf8'))).toMatchObject({
    ...{ name: 'dev', verdict: 'empty' },
    engine: { name: 'podman', identity: 'fake-engine' },
  })
}

describe.each(endings)('[row 46] a playground that an old play left %s', (ending) => {
  beforeEach(() => oldPlayground(ending))

  test('is removed by down, and nothing of it is left', async () => {
    await leaveLock()
    const { stdout, stderr, exitCode } = await play(Down)
    expect(exitCode, stderr).toBe(0)
    expect(stdout).toContain('Playground dev is gone.')
    await expectNothingLeft()
  })

  test('is removed by down --force', async () => {
    expect((await play(Down, '--force')).exitCode).toBe(0)
    await expectNothingLeft()
  })

  test('is made whole by up, which notes the engine and keeps the id; then down removes it', async () => {
    await leaveLock()
    const { id } = await stateOf()
    const { stderr, exitCode } = await play(Up)
    expect(exitCode, stderr).toBe(0)
    expect(await stateOf()).toMatchObject({ id, phase: 'ready', engineIdentity: 'fake-engine' })
    expect((await play(Status)).exitCode).toBe(0)
    expect((await play(Down)).exitCode).toBe(0)
    await expectNothingLeft()
  })

  test('is shown by list, status and inventory, which change nothing', async () => {
    const before = await readFile(fileOf('state.json'), 'utf8')
    const list = await play(List)
    expect([list.exitCode, list.stderr]).toEqual([0, ''])
    expect(list.stdout).toMatch(new RegExp(`^dev +${ending} `, 'm'))
    const status = await play(Status)
    expect([0, 6]).toContain(status.exitCode)
    expect(status.stdout).toContain('Kubernetes 1.34.10')
    const inventory = await play(Inventory, 'dev')
    expect([inventory.exitCode, inventory.stderr]).toEqual([0, ''])
    expect(inventory.stdout).toMatch(/dev +containers +play-dev-control-plane .*playground/)
    expect(inventory.stdout).toMatch(/dev +volumes +volume-of-play-dev-control-plane/)
    expect(inventory.stdout).toContain(join(stateDir, 'playgrounds', 'dev'))
    expect(await readFile(fileOf('state.json'), 'utf8')).toBe(before)
  })
})

describe('[row 46] a playground that an old play made', () => {
  beforeEach(() => oldPlayground('ready'))

  test('is whole to status, and to up', async () => {
    expect((await play(Status)).exitCode).toBe(0)
    const { stdout } = await play(Up, '--json')
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, result: { name: 'dev', changed: [] } })
    expect(world.stack('dev').calls.filter((call) => call.startsWith('up'))).toHaveLength(1)
  })

  test('can be given a time to live', async () => {
    expect((await play(Extend, 'dev', '2h')).exitCode).toBe(0)
    expect(Date.parse((await stateOf()).expiresAt ?? '')).toBeGreaterThan(world.clock.now())
  })

  test('is not claimed to be gone by another engine than the recorded one, though its identity was never noted', async () => {
    await writeFile(fileOf('state.json'), JSON.stringify({ ...(await stateOf()), engine: 'docker' }))
    world.engineIsPreferred = true
    const { stderr, exitCode } = await play(Down)
    expect(exitCode).toBe(10)
    expect(stderr).toContain('"dev" was made with docker, but podman answers now')
    expect(world.engine.containers.size).toBe(1)
    await access(fileOf('state.json'))
  })
})
