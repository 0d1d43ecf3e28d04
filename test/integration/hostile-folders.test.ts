/** Folders that were made to lead elsewhere, on a real file system: demos, and the folder of the state. */
import { execFileSync } from 'node:child_process'
import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { listFiles, readText } from '../../src/adapters/demo-files.ts'
import { createFileStateStore } from '../../src/adapters/file-state-store.ts'
import { openEventLogFile } from '../../src/adapters/event-log-file.ts'
import { PlayError } from '../../src/domain/errors.ts'
import type { PlaygroundState } from '../../src/domain/playground.ts'
import { FakeProcess } from '../fakes/fake-process.ts'
import { pick, seeded, tries } from '../fakes/seeded.ts'

let base: string
let outside: string
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'play-hostile-'))
  outside = join(base, 'outside')
  await mkdir(join(outside, 'sub'), { recursive: true })
  await writeFile(join(outside, 'key'), 'OUTSIDE')
  await writeFile(join(outside, 'sub/key'), 'OUTSIDE')
})
afterEach(() => rm(base, { recursive: true, force: true }))

async function textOf(root: string, path: string): Promise<string> {
  return readText(root, path).catch((error: unknown) => String(error))
}

/** A tree of files, folders and links, some of which lead out. */
async function grow(root: string, random: () => number): Promise<string[]> {
  const folders = ['']
  const paths: string[] = []
  await mkdir(root)
  for (let count = 0; count < 12; count += 1) {
    const path = join(pick(random, folders), pick(random, ['a', 'b', '.git', 'é', 'x y', '-f', '..x']))
    const at = join(root, path)
    const targets = [
      '.',
      '..',
      '../..',
      outside,
      join(outside, 'key'),
      '/etc/passwd',
      '/dev/zero',
      'a',
      'loop',
      at,
    ]
    try {
      const kind = pick(random, ['folder', 'folder', 'file', 'link', 'link', 'hard', 'pipe'])
      if (kind === 'folder') folders.push((await mkdir(at), path))
      else if (kind === 'file') await writeFile(at, 'INSIDE', { flag: 'wx' })
      else if (kind === 'link') await symlink(pick(random, targets), at)
      else if (kind === 'hard') await link(join(root, pick(random, paths)), at)
      else execFileSync('mkfifo', [at], { stdio: 'ignore' })
      paths.push(path)
    } catch {
      // There already, or below a link: another time.
    }
  }
  return paths
}

describe('[row 33] the folder of a demo', () => {
  test(
    'never yields what is outside, whatever links and devices are in it',
    { timeout: 60_000 },
    async () => {
      const random = seeded(33)
      for (let count = 0; count < tries(60); count += 1) {
        const root = join(base, `tree-${String(count)}`)
        const made = await grow(root, random)
        const listed = await listFiles(root, '.').catch(() => [])
        const climbing = made.flatMap((path) => [
          `${path}/../../outside/key`,
          `${path}/key`,
          `${path}/sub/key`,
        ])
        for (const path of [...listed, ...made, ...climbing, '../outside/key', outside, '/etc/passwd'])
          expect(['INSIDE', ''], path).toContain((await textOf(root, path)).replace(/^Error: .*$/s, ''))
      }
    },
  )

  test.each(['pipe', 'a link to a device'])('does not wait for %s', async (what) => {
    const root = join(base, 'demo')
    await mkdir(root)
    if (what === 'pipe') execFileSync('mkfifo', [join(root, 'a')])
    else await symlink('/dev/zero', join(root, 'a'))
    expect(await textOf(root, 'a')).toMatch(/no ordinary file|leads out/)
  })

  test('never yields what is outside while links and files are swapped', { timeout: 30_000 }, async () => {
    const root = join(base, 'demo')
    await mkdir(join(root, 'real/sub'), { recursive: true })
    await writeFile(join(root, 'real/sub/key'), 'INSIDE')
    await symlink(outside, join(root, 'way-out'))
    const over = new AbortController()
    const swapping = (async () => {
      while (!over.signal.aborted) {
        await rename(join(root, 'real'), join(root, 'aside'))
        await rename(join(root, 'way-out'), join(root, 'real'))
        await rename(join(root, 'real'), join(root, 'way-out'))
        await rename(join(root, 'aside'), join(root, 'real'))
      }
    })()
    const seen = new Map<string, number>()
    for (let count = 0; count < tries(1500); count += 1) {
      const text = (await textOf(root, 'real/sub/key')).replace(/^Error: .*$/s, 'refused')
      seen.set(text, (seen.get(text) ?? 0) + 1)
    }
    over.abort()
    await swapping
    expect([...seen.keys()].filter((text) => text !== 'INSIDE' && text !== 'refused')).toEqual([])
  })

  test('counts as too large with many files that are each small enough', async () => {
    const root = join(base, 'demo')
    await mkdir(root)
    const text = 'x'.repeat(1024 * 1024)
    for (let count = 0; count < 33; count += 1) await writeFile(join(root, String(count)), text)
    await expect(listFiles(root, '.')).rejects.toThrow('its files have more than 32 MB')
    await rm(join(root, '0'))
    expect(await listFiles(root, '.')).toHaveLength(32)
  })

  test('leaves out what git keeps for itself, however it is written', async () => {
    const root = join(base, 'demo')
    for (const name of ['.git', '.GIT', '.Git']) {
      await mkdir(join(root, name), { recursive: true })
      await writeFile(join(root, name, 'config'), '')
    }
    expect(await listFiles(root, '.')).toEqual([])
  })
})

const spec = { name: 'dev', source: 'kind', kubernetesVersion: '1.34.10', nodes: 1, components: [] } as const
const state: PlaygroundState = {
  ...{ schemaVersion: 1, id: '01aryz6s410000000000000000', spec, phase: 'ready', cluster: 'play-dev' },
  ...{ createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-01T00:00:00.000Z' },
  ...{ engine: 'docker', networkExistedBefore: true },
}

function store(stateDir: string): ReturnType<typeof createFileStateStore> {
  const openJournal = (): Promise<never> => Promise.reject(new Error('not used'))
  return createFileStateStore({ stateDir, processes: new FakeProcess(), now: () => 0, openJournal })
}

/** Everything outside, with its text, mode and number of names. */
async function outsideNow(): Promise<string> {
  const names = (await readdir(outside, { recursive: true })).sort()
  const facts = names.map(async (name) => {
    const { mode, nlink } = await stat(join(outside, name))
    const text = await readFile(join(outside, name), 'utf8').catch(() => '')
    return [name, mode, nlink, text]
  })
  return JSON.stringify(await Promise.all(facts))
}

/** What somebody may have put there beforehand, relative to the state folder. */
const traps: readonly (readonly [string, (stateDir: string) => Promise<unknown>])[] = [
  ['the folder is a link', (dir) => symlink(outside, dir)],
  ['the folder is a link to nowhere', (dir) => symlink(join(outside, 'new'), dir)],
  ['everybody may write to it', async (dir) => (await mkdir(dir), chmod(dir, 0o777))],
  ['its group may write to it', async (dir) => (await mkdir(dir), chmod(dir, 0o770))],
  ['it is a file', (dir) => writeFile(dir, 'x')],
  [
    'the folder of playgrounds is a link',
    async (dir) => within(dir, () => symlink(outside, join(dir, 'playgrounds'))),
  ],
  [
    'everybody may write to the folder of playgrounds',
    async (dir) =>
      within(
        dir,
        async () => (await mkdir(join(dir, 'playgrounds')), chmod(join(dir, 'playgrounds'), 0o777)),
      ),
  ],
  ['the playground is a link', (dir) => inPlaygrounds(dir, (at) => symlink(outside, join(at, 'dev')))],
  [
    'the playground is a link to its own parent',
    (dir) => inPlaygrounds(dir, (at) => symlink('.', join(at, 'dev'))),
  ],
  [
    'everybody may write to the playground',
    (dir) => inPlaygrounds(dir, async (at) => (await mkdir(join(at, 'dev')), chmod(join(at, 'dev'), 0o777))),
  ],
  [
    'the lock is a link',
    (dir) => inPlaygrounds(dir, (at) => symlink(join(outside, 'key'), join(at, '.dev.lock'))),
  ],
  [
    'the state is a link',
    (dir) => inPlayground(dir, (at) => symlink(join(outside, 'key'), join(at, 'state.json'))),
  ],
  [
    'the state is another name of a file',
    (dir) => inPlayground(dir, (at) => link(join(outside, 'key'), join(at, 'state.json'))),
  ],
  [
    'a private file is a link',
    (dir) => inPlayground(dir, (at) => symlink(join(outside, 'key'), join(at, 'secret'))),
  ],
  [
    'a private file is another name',
    (dir) => inPlayground(dir, (at) => link(join(outside, 'key'), join(at, 'secret'))),
  ],
  ['a folder inside is a link', (dir) => inPlayground(dir, (at) => symlink(outside, join(at, 'pulumi')))],
  ['the folder of logs is a link', (dir) => inPlayground(dir, (at) => symlink(outside, join(at, 'events')))],
  [
    'a log is there',
    (dir) =>
      inPlayground(
        dir,
        async (at) => (
          await mkdir(join(at, 'events'), 0o700),
          symlink(join(outside, 'key'), join(at, 'events/run-1.ndjson'))
        ),
      ),
  ],
]

async function within(dir: string, work: () => Promise<unknown>): Promise<void> {
  await mkdir(dir, { mode: 0o700 })
  await work()
}

function inPlaygrounds(dir: string, work: (at: string) => Promise<unknown>): Promise<void> {
  return within(dir, async () => {
    await mkdir(join(dir, 'playgrounds'), { mode: 0o700 })
    await work(join(dir, 'playgrounds'))
  })
}

function inPlayground(dir: string, work: (at: string) => Promise<unknown>): Promise<void> {
  return inPlaygrounds(dir, async (at) => {
    await mkdir(join(at, 'dev'), { mode: 0o700 })
    await work(join(at, 'dev'))
  })
}

describe('[row 37] a state folder that somebody has prepared', () => {
  test.each(traps)('is refused or does no harm outside: %s', async (_, prepare) => {
    const dir = join(base, 'state')
    await prepare(dir)
    const before = await outsideNow()
    const states = store(dir)
    const verbs: (() => Promise<unknown>)[] = [
      () => states.list(),
      () => states.read('dev'),
      () => states.readPrivate('dev', 'secret'),
      () => states.write(state),
      () => states.writePrivate('dev', 'secret', 'TOP SECRET'),
      () => openEventLogFile(join(dir, 'playgrounds/dev'), 'run-1').then((log) => log.close()),
      () => states.lock('dev', 'play up').then((lock) => lock.release()),
      () => states.remove('dev'),
    ]
    for (const verb of verbs)
      await verb().catch((error: unknown) => {
        expect(error instanceof PlayError || error instanceof Error).toBe(true)
      })
    expect(JSON.parse(await outsideNow())).toEqual(
      withoutNames(JSON.parse(before) as Facts, await linksOf(before)),
    )
  })
})

type Facts = readonly (readonly [string, number, number, string])[]

/** A removed playground takes its own name of a file with it, and nothing else of it. */
function withoutNames(before: Facts, now: ReadonlyMap<string, number>): Facts {
  return before.map(([name, mode, nlink, text]) => [name, mode, now.get(name) ?? nlink, text])
}

async function linksOf(before: string): Promise<ReadonlyMap<string, number>> {
  const names = (JSON.parse(before) as Facts).map(([name]) => name)
  return new Map(
    await Promise.all(names.map(async (name) => [name, (await stat(join(outside, name))).nlink] as const)),
  )
}
