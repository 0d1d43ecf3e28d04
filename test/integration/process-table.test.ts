/** The process table with real processes: by environment, by segments, and how they end. */
import { chmod, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isOurProgram, listPlaygroundProcesses } from '../../src/adapters/process-listing.ts'
import type { RunningProcess } from '../../src/domain/running-process.ts'
import { encodeRecord } from '../../src/journal/record.ts'
import { openSegment } from '../../src/journal/segment.ts'
import { isThere, orderly, stubborn, TableStage } from '../fakes/table-stage.ts'

const options = { graceMs: 10_000, signal: new AbortController().signal }
const hasEnvironments = listPlaygroundProcesses() !== undefined

let stage: TableStage
beforeEach(async () => {
  stage = await TableStage.make()
})
afterEach(() => stage.close())

/** Notes a process in a segment of the playground as a plug-in notes its children. */
async function note(pid: number, changed: object = {}, file = 'plugin-01.jsonl'): Promise<void> {
  const segment = await openSegment(
    join(stage.folder, 'plugin-02.jsonl'),
    stage.segmentSettings(pid, 'noted'),
  )
  const text = await readFile(join(stage.folder, 'plugin-02.jsonl'), 'utf8')
  segment.remove()
  const record = { ...(JSON.parse(text.slice(17)) as Parameters<typeof encodeRecord>[0]), ...changed }
  await writeFile(join(stage.folder, file), encodeRecord(record))
}

function pids(found: readonly RunningProcess[]): number[] {
  return found.map(({ pid }) => pid)
}

describe.skipIf(!hasEnvironments)('what carries the playground in its environment', () => {
  it.each([
    ['pulumi', ['up', '--yes']],
    ['pulumi-resource-play', ['127.0.0.1:1']],
    ['kind', ['create', 'cluster']],
    ['docker', ['run', '--name', 'play-dev-control-plane', 'kindest/node']],
    ['podman', ['exec', 'play-dev-control-plane', 'true']],
  ])('[row 53] is found: %s', async (name, args) => {
    const pid = await stage.start(stage.folder, name, args)
    const [found] = await stage.table.find(stage.folder)
    expect(found).toMatchObject({ pid, folder: stage.folder })
    expect(found?.command).toBe([name, ...args].join(' '))
    expect(Math.abs((found?.startedAt ?? 0) - Date.now())).toBeLessThan(60_000)
  })

  it.each([
    ['aardvark-dns', ['--config', '/run', 'run']],
    ['conmon', ['--api-version', '1']],
    ['podman', ['pause']],
    ['podman', ['system', 'service', '--time', '0']],
    ['podman', ['--root', '/r', 'container', 'cleanup', '--rm', 'abc']],
    ['sh', ['-c', 'kind']],
  ])('[row 10] is nobody’s to end where it is a daemon or a shell: %s %j', async (name, args) => {
    await stage.start(stage.folder, name, args)
    expect(await stage.table.find(stage.folder)).toEqual([])
  })

  it('[row 10] is told apart from the same program at other work', async () => {
    await stage.start(undefined, 'kind', ['create', 'cluster'])
    await stage.start(`${stage.folder}-2`, 'kind', ['create', 'cluster'])
    expect(await stage.table.find(stage.folder)).toEqual([])
  })

  it('is never this process', async () => {
    await note(process.pid)
    expect(await stage.table.find(stage.folder)).toEqual([])
  })
})

it.each([
  [['/usr/bin/node', '/lib/play/dist/provider.js', '127.0.0.1:1'], true],
  [['/usr/bin/node', '/src/pulumi/provider/main.ts', '127.0.0.1:1'], true],
  [['/bin/sh', '/lib/play/bin/pulumi-resource-play', '127.0.0.1:1'], true],
  [['pulumi'], true],
  [['/usr/bin/node', '/lib/play/bin/run.js', 'up'], false],
  [['/usr/bin/podman', 'pull', 'registry.k8s.io/pause:3.10'], true],
  [['vim', 'kind'], false],
  [[''], false],
  [[], false],
])('the program %j is ours to end: %s', (words, expected) => {
  expect(isOurProgram(words)).toBe(expected)
})

describe('what a segment names', () => {
  it('[row 53] is found whatever it is called and whatever its environment says, while it runs', async () => {
    const pid = await stage.start(undefined, 'sleeper')
    await note(pid)
    expect(await stage.table.find(stage.folder)).toMatchObject([
      { pid, command: 'noted', folder: stage.folder },
    ])
    expect(pids(await stage.table.find())).toContain(pid)
    expect(await stage.table.find(stage.other)).toEqual([])
    await stage.table.end(await stage.table.find(stage.folder), options)
    expect(await stage.table.find(stage.folder)).toEqual([])
  })

  it('[row 53] is all there is on a system that shows no environments', async () => {
    const other = await TableStage.make({ list: () => undefined })
    await other.start(other.folder, 'kind', ['create', 'cluster'])
    const noted = await other.start(other.folder, 'kind', ['delete', 'cluster'])
    await openSegment(join(other.folder, 'plugin-01.jsonl'), other.segmentSettings(noted, 'kind delete'))
    expect(pids(await other.table.find(other.folder))).toEqual([noted])
    await other.close()
  })

  it('is named once when its environment tells it too', async () => {
    const pid = await stage.start(stage.folder, 'kind', ['create', 'cluster'])
    await note(pid)
    expect(pids(await stage.table.find(stage.folder))).toEqual([pid])
  })

  it('[row 24] is somebody else after a reboot or when the number was given away', async () => {
    const pid = await stage.start(undefined, 'sleeper')
    await note(pid, { bootId: 'before' }, 'plugin-01.jsonl')
    await note(pid, { startTime: '1' }, 'plugin-03.jsonl')
    expect(await stage.table.find(stage.folder)).toEqual([])
  })

  it('[row 6] is found behind a torn end, and reading writes nothing', async () => {
    const pid = await stage.start(undefined, 'sleeper')
    await note(pid)
    const path = join(stage.folder, 'plugin-01.jsonl')
    const text = `${await readFile(path, 'utf8')}0123456789abcdef {"v":1,"se`
    await writeFile(path, text)
    await chmod(path, 0o400)
    expect(pids(await stage.table.find(stage.folder))).toEqual([pid])
    expect(await readdir(stage.folder)).toEqual(['plugin-01.jsonl'])
    expect(await readFile(path, 'utf8')).toBe(text)
  })

  it('[row 7] that cannot be read is an error, never "nothing runs"', async () => {
    await symlink('/etc/hostname', join(stage.folder, 'plugin-01.jsonl'))
    await expect(stage.table.find(stage.folder)).rejects.toThrow(/ELOOP/)
  })

  it('is nothing for a playground without a folder', async () => {
    expect(await stage.table.find(join(stage.folder, 'gone'))).toEqual([])
  })
})

describe('the end', () => {
  it('[row 18] of an engine is one interrupt, and its orderly end is awaited', async () => {
    await stage.start(stage.folder, 'pulumi', ['up'], orderly)
    await stage.table.end(await stage.table.find(stage.folder), options)
    expect(await stage.signals()).toBe('INT\n')
    expect(await stage.table.find(stage.folder)).toEqual([])
  })

  it('[row 53] of one that does not end in time, and of everything else, is a kill', async () => {
    const engine = await stage.start(stage.folder, 'pulumi', ['up'], stubborn)
    const kind = await stage.start(stage.folder, 'kind', ['create', 'cluster'], stubborn)
    await stage.table.end(await stage.table.find(stage.folder), { ...options, graceMs: 100 })
    for (const pid of [engine, kind]) await expect.poll(() => isThere(pid)).toBe(false)
  })

  it('of what has no orderly end is not waited for', async () => {
    await stage.start(stage.folder, 'kind', ['create', 'cluster'], stubborn)
    const started = performance.now()
    await stage.table.end(await stage.table.find(stage.folder), { ...options, graceMs: 60_000 })
    expect(performance.now() - started).toBeLessThan(5000)
  })

  it('that is interrupted kills nothing more', async () => {
    const pid = await stage.start(stage.folder, 'pulumi', ['up'], stubborn)
    const over = new AbortController()
    const ending = stage.table.end(await stage.table.find(stage.folder), { ...options, signal: over.signal })
    over.abort(new Error('enough'))
    await expect(ending).rejects.toThrow('enough')
    expect(isThere(pid)).toBe(true)
  })
})

describe('an announced port-forward', () => {
  it('is found by others with what it is, and goes with its interrupt', async () => {
    const pid = await stage.start(undefined, 'play', ['open'], orderly)
    await note(pid, { purpose: 'play open argocd' }, `open-${String(pid)}.jsonl`)
    const found = await stage.table.find(stage.folder)
    expect(found).toMatchObject([{ pid, command: 'play open argocd', forwards: true }])
    await stage.table.end(found, options)
    expect(await stage.signals()).toBe('INT\n')
  })

  it('leaves a private file while it lasts, and nothing afterwards, also where its folder is gone', async () => {
    const noted = await stage.table.announce(stage.folder, 'play open argocd')
    expect(await readdir(stage.folder)).toEqual([`open-${String(process.pid)}.jsonl`])
    await noted.end()
    expect(await readdir(stage.folder)).toEqual([])
    await noted.end()
  })
})
