/** What a person reads on stderr when a command ends with 4, 9, 10, 130 or 143, word for word. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
// Loaded once and before any clock runs: it takes a second.
import '../../src/sources/kind/program.ts'
import Down from '../../commands/down.ts'
import Inventory from '../../commands/inventory.ts'
import Up from '../../commands/up.ts'
import { createProcessRunner } from '../../src/adapters/execa-process-runner.ts'
import { createFileStateStore } from '../../src/adapters/file-state-store.ts'
import { PlayError } from '../../src/domain/errors.ts'
import { runCommand, type RunOptions, type Said } from '../fakes/fake-app.ts'
import { FakeWorld } from '../fakes/fake-ports.ts'

let world: FakeWorld
beforeEach(() => {
  world = new FakeWorld()
})

const commands = { up: Up, down: Down, inventory: Inventory }

/** Runs a command line as it would be pasted. */
function run(line: string, options: RunOptions = {}): Promise<Said> {
  const [, verb = '', ...argv] = line.split(' ')
  return runCommand(commands[verb as keyof typeof commands], argv, world, options)
}

/** How a case comes about. */
interface Case {
  /** Name of the golden file. */
  readonly file: string
  readonly line: string
  readonly exitCode: number
  readonly happen?: () => Promise<unknown>
  readonly interrupt?: NonNullable<RunOptions['interrupt']>
  /** Takes the cause away, as the person would. */
  readonly mend?: () => unknown
}

/** From the error on: the steps before it are other tests' business, and times are no text. */
function told({ stderr }: Said): string {
  const lines = stderr.trimEnd().split('\n')
  const start = lines.findIndex((line) => /Error [A-Z_]+:|■ Interrupted/.test(line))
  const [first = '', ...more] = lines.slice(start)
  const indent = /^ +\d+s +[✘■] /.exec(first) === null ? '' : ' '.repeat(8)
  return [first.replace(/^ +\d+s +[✘■] /, ''), ...more.map((line) => line.slice(indent.length))].join('\n')
}

async function expectGolden(file: string, line: string, said: Said): Promise<void> {
  const text = told(said).replace(`process ${String(process.pid)}`, 'process PID')
  const golden = `$ ${line}\n${text}\nexit code ${String(said.exitCode)}\n`
  await expect(golden).toMatchFileSnapshot(`../fixtures/messages/${file}.txt`)
}

/** The commands of play that are offered to be pasted; NAME is for the person to fill in. */
function offered({ stderr }: Said): string[] {
  return Array.from(
    stderr.matchAll(/\$ (play (?:up|down|inventory)(?: [a-z-]+)*)$/gm),
    ([, line = '']) => line,
  )
}

const make = (): Promise<unknown> => world.makePlayground('dev')
const engineIsDown = (): void => {
  world.engineError = PlayError.of('ENGINE_DOWN', { engine: 'podman' })
}

const refusals: readonly Case[] = [
  {
    ...{ file: '4-up-cluster-foreign', line: 'play up dev', exitCode: 4 },
    happen: () => Promise.resolve(world.engine.addNode('play-dev')),
  },
  {
    ...{ file: '4-down-cluster-foreign', line: 'play down dev', exitCode: 4 },
    happen: () => Promise.resolve(world.engine.addNode('play-dev')),
  },
  {
    ...{ file: '4-up-spec-changed', line: 'play up dev --nodes 2', exitCode: 4, happen: make },
    mend: () => undefined,
  },
  {
    ...{ file: '4-down-state-damaged', line: 'play down dev', exitCode: 4 },
    happen: () => make().then(() => world.states.damaged.add('dev')),
  },
]

const leftovers: readonly Case[] = [
  {
    ...{ file: '9-down-network', line: 'play down dev', exitCode: 9 },
    happen: () => make().then(() => world.engine.ignored.add('removeNetwork')),
    mend: () => {
      world.engine.ignored.clear()
    },
  },
  {
    ...{ file: '9-down-containers', line: 'play down dev', exitCode: 9 },
    happen: () => make().then(() => world.engine.ignored.add('removeContainer')),
    mend: () => {
      world.engine.ignored.clear()
    },
  },
]

const unknowns: readonly Case[] = [
  {
    ...{ file: '10-down-engine-down', line: 'play down dev', exitCode: 10 },
    happen: () => make().then(engineIsDown),
    mend: () => (world.engineError = undefined),
  },
  {
    ...{ file: '10-down-engine-missing', line: 'play down dev', exitCode: 10 },
    happen: () =>
      make().then(() => {
        world.engineError = PlayError.of('ENGINE_MISSING', { looked: ['docker', 'podman'] })
      }),
    mend: () => (world.engineError = undefined),
  },
  {
    ...{ file: '10-down-engine-changed', line: 'play down dev', exitCode: 10 },
    happen: () => make().then(() => (world.engine.id = 'another-engine')),
    mend: () => (world.engine.id = 'fake-engine'),
  },
  {
    ...{ file: '10-down-engine-of-another-kind', line: 'play down dev', exitCode: 10 },
    happen: async () => {
      await world.makePlayground('dev', { engine: 'docker' })
      world.engineIsPreferred = true
    },
  },
  {
    ...{ file: '10-down-engine-lost-while-looking', line: 'play down dev', exitCode: 10 },
    happen: async () => {
      await make()
      const remove = world.engine.removeNetwork.bind(world.engine)
      const what = 'run ps: Cannot connect to Podman'
      world.engine.removeNetwork = async (name, signal) => {
        const removed = await remove(name, signal)
        world.engine.failWith = PlayError.of('ENGINE_FAILED', { engine: 'podman', what })
        return removed
      }
    },
    mend: () => (world.engine.failWith = undefined),
  },
  {
    ...{ file: '10-down-kubeconfig-damaged-while-looking', line: 'play down dev', exitCode: 10 },
    happen: () => make().then(damageKubeconfig),
    mend: () => {
      delete (world.kubeconfigs as Partial<FakeWorld['kubeconfigs']>).contains
    },
  },
  {
    ...{ file: '10-inventory-engine-down', line: 'play inventory dev', exitCode: 10 },
    happen: () => make().then(engineIsDown),
    mend: () => (world.engineError = undefined),
  },
]

/** It can be read until the context was taken out. */
function damageKubeconfig(): void {
  const look = world.kubeconfigs.contains.bind(world.kubeconfigs)
  let looks = 0
  world.kubeconfigs.contains = (path, context) => {
    looks += 1
    if (looks === 1) return look(path, context)
    return Promise.reject(PlayError.of('KUBECONFIG_DAMAGED', { path, reason: 'it is no YAML' }))
  }
}

const interrupts: readonly Case[] = [
  {
    ...{ file: '130-up', line: 'play up dev', exitCode: 130 },
    interrupt: { after: 'cluster.access', signal: 'SIGINT' },
  },
  {
    ...{ file: '143-up', line: 'play up dev', exitCode: 143 },
    interrupt: { after: 'cluster.access', signal: 'SIGTERM' },
  },
  {
    ...{ file: '130-down', line: 'play down dev', exitCode: 130, happen: make },
    interrupt: { after: 'cluster.destroy', signal: 'SIGINT' },
  },
  {
    ...{ file: '143-down', line: 'play down dev', exitCode: 143, happen: make },
    interrupt: { after: 'cluster.closure', signal: 'SIGTERM' },
  },
]

/** Sees the text through, and that what it offers works once the cause is gone. */
async function check({ file, line, exitCode, happen, interrupt, mend }: Case): Promise<Said> {
  await happen?.()
  const said = await run(line, interrupt === undefined ? {} : { interrupt })
  expect(said.exitCode).toBe(exitCode)
  expect(said.stderr).not.toMatch(/undefined|\[object|at .*\.ts:/)
  await expectGolden(file, line, said)
  expect(world.states.certificates.filter(({ verdict }) => verdict === 'empty')).toEqual([])
  if (mend === undefined && interrupt === undefined) return said
  mend?.()
  const again = said.stderr.includes('then run the command again') ? [line] : []
  const nexts = [...offered(said), ...again]
  expect(nexts).not.toEqual([])
  for (const next of nexts) expect([next, (await run(next)).exitCode]).toEqual([next, 0])
  return said
}

describe('[row 51] exit code 4 says who or what is in the way', () => {
  test.each(refusals)('$file', async (each) => {
    const { stdout } = await check(each)
    expect(stdout).toBe('')
  })

  test.each(['play up dev', 'play down dev'])('%s, while another play works on it', async (line) => {
    const stateDir = await mkdtemp(join(tmpdir(), 'play-messages-'))
    try {
      const processes = createProcessRunner({ env: process.env })
      const openJournal = (): Promise<never> => Promise.reject(new Error('the lock comes first'))
      // The world's clock runs on while the command works.
      let time = world.clock.now()
      const now = (): number => time
      const store = createFileStateStore({ stateDir, processes, now, openJournal })
      const lock = await store.lock('dev', 'play up dev --nodes 3')
      time += 185_000
      const ports = { ...world.ports, states: () => Promise.resolve(store) }
      await expectGolden(`4-${line.split(' ')[1] ?? ''}-locked`, line, await run(line, { app: { ports } }))
      await lock.release()
    } finally {
      await rm(stateDir, { recursive: true })
    }
  })

  test('what it offers for a damaged state removes the playground', async () => {
    const damaged = refusals.find(({ file }) => file === '4-down-state-damaged')
    await damaged?.happen?.()
    const [next = ''] = offered(await run('play down dev'))
    expect(next).toBe('play down dev --force')
    expect((await run(next)).exitCode).toBe(0)
    expect(world.engine.containers.size).toBe(0)
  })
})

describe('[row 51] exit code 9 names what is left and the command that goes on', () => {
  test.each(leftovers)('$file', async (each) => {
    const said = await check(each)
    expect(said.stdout).toBe('')
    expect(offered(said)).toEqual(['play down dev'])
    expect(world.engine.containers.size + world.engine.networks.size).toBe(0)
  })
})

describe('[row 51] exit code 10 says where nobody could look, and why', () => {
  test.each(unknowns)('$file', async (each) => {
    const { stdout } = await check(each)
    expect(stdout).not.toMatch(/gone|not found|no playground/)
  })
})

describe('[row 51] an interrupt names the commands that go on and that clean up', () => {
  test.each(interrupts)('$file', async (each) => {
    const said = await check(each)
    expect(said.stdout).toBe('')
    expect(offered(said).at(-1)).toBe('play down dev')
    expect(world.engine.containers.size).toBe(0)
  })
})
