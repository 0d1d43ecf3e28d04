import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listPlaygroundProcesses } from '../../src/adapters/process-listing.ts'
import type { ProcessTable, RunningProcess } from '../../src/domain/running-process.ts'
import { FakeProcessTable } from '../fakes/fake-process-table.ts'
import { orderly, TableStage } from '../fakes/table-stage.ts'

/** A table with two playgrounds whose processes a test starts. */
interface World {
  readonly table: ProcessTable
  readonly folder: string
  readonly other: string
  start(folder: string, name: string, args: readonly string[]): Promise<number>
  close(): Promise<void>
}

const worlds: Record<string, () => Promise<World>> = {
  async system() {
    const stage = await TableStage.make()
    return {
      ...{ table: stage.table, folder: stage.folder, other: stage.other },
      start: (folder, name, args) =>
        name === 'pulumi' ? stage.start(folder, name, args, orderly) : stage.start(folder, name, args),
      close: () => stage.close(),
    }
  },
  fake() {
    const table = new FakeProcessTable()
    return Promise.resolve({
      ...{ table, folder: '/states/playgrounds/dev', other: '/states/playgrounds/other' },
      start: (folder, name, args) => Promise.resolve(table.start(folder, [name, ...args].join(' ')).pid),
      close: () => Promise.resolve(),
    })
  },
}

const options = { graceMs: 5000, signal: new AbortController().signal }

/** Elsewhere the real one knows of noted processes alone, which test/integration/process-table.test.ts shows. */
const known = Object.entries(worlds).filter(
  ([name]) => name === 'fake' || listPlaygroundProcesses() !== undefined,
)

describe.each(known)('the process table (%s)', (_, make) => {
  let world: World
  beforeEach(async () => {
    world = await make()
  })
  afterEach(() => world.close())

  function ours(found: readonly RunningProcess[]): readonly RunningProcess[] {
    return found.filter(({ folder }) => folder === world.folder || folder === world.other)
  }

  it('finds nothing where nothing runs', async () => {
    expect(await world.table.find(world.folder)).toEqual([])
    expect(ours(await world.table.find())).toEqual([])
  })

  it('finds what works for a playground, and for any', async () => {
    const kind = await world.start(world.folder, 'kind', ['create', 'cluster'])
    const engine = await world.start(world.other, 'pulumi', ['up', '--yes'])
    const [found, ...others] = await world.table.find(world.folder)
    expect(found).toMatchObject({ pid: kind, command: 'kind create cluster', folder: world.folder })
    expect(found?.startTime).not.toBe('')
    expect(others).toEqual([])
    expect(ours(await world.table.find()).map(({ pid }) => pid)).toEqual([kind, engine])
  })

  it('[row 53] ends exactly what it is given, and returns when that is gone', async () => {
    await world.start(world.folder, 'pulumi', ['up'])
    await world.start(world.folder, 'kind', ['create', 'cluster'])
    const other = await world.start(world.other, 'kind', ['create', 'cluster'])
    await world.table.end(await world.table.find(world.folder), { ...options, graceMs: 300 })
    expect(ours(await world.table.find()).map(({ pid }) => pid)).toEqual([other])
  })

  it('[row 24] leaves alone whoever got the number of one that is gone', async () => {
    await world.start(world.folder, 'kind', ['create', 'cluster'])
    const [found] = await world.table.find(world.folder)
    if (found === undefined) throw new Error('it is not found')
    await world.table.end([{ ...found, startTime: '1' }], options)
    expect(await world.table.find(world.folder)).toEqual([found])
  })

  it('ends twice without harm', async () => {
    await world.start(world.folder, 'kind', ['create', 'cluster'])
    const found = await world.table.find(world.folder)
    await world.table.end(found, options)
    await world.table.end(found, options)
    expect(await world.table.find(world.folder)).toEqual([])
  })

  it('knows of a port-forward while it is announced', async () => {
    const noted = await world.table.announce(world.folder, 'play open argocd')
    await noted.end()
    await noted.end()
    expect(await world.table.find(world.folder)).toEqual([])
  })
})
