import { beforeEach, describe, expect, test } from 'vitest'
import { PlayError } from '../../../src/domain/errors.ts'
import type { Ports, Stray } from '../../../src/domain/ports.ts'
import type { InventoryResult } from '../../../src/domain/results.ts'
import type { RunningProcess } from '../../../src/domain/running-process.ts'
import type { Orphan, Query, Source } from '../../../src/domain/source.ts'
import { takeInventory } from '../../../src/inventory/inventory.ts'
import { inventory, inventoryErrors } from '../../../src/workflows/inventory.ts'
import { FakeWorld } from '../../fakes/fake-ports.ts'

const createdAt = '2026-01-01T00:00:00.000Z'

let world: FakeWorld
let running: RunningProcess[]
let strays: Stray[]
let orphans: Orphan[]
/** What the source says of a playground by name; throws where it is an error. */
let made: Map<string, readonly string[] | Error>
beforeEach(() => {
  world = new FakeWorld()
  running = []
  strays = []
  orphans = []
  made = new Map()
})

/** A source of which only the questions are asked. */
const source = {
  id: 'kind',
  title: 'kind',
  queries({ state: { spec } }): Promise<readonly Query[]> {
    const found = made.get(spec.name) ?? []
    if (found instanceof Error) return Promise.reject(found)
    const find: Query['find'] = () => Promise.resolve(found.map((what) => ({ what, createdAt })))
    return Promise.resolve([{ layer: 'containers', looked: 'podman ps', find }])
  },
  async orphans(_ports, isThere) {
    const there = await Promise.all(orphans.map(({ folder }) => isThere(folder)))
    return orphans.filter((_, index) => there[index] === false)
  },
} as Pick<Source, 'id' | 'title' | 'queries' | 'orphans'> as Source

function look(name?: string, shared: readonly Query[] = []): Promise<InventoryResult> {
  world.states.strays = () => Promise.resolve(strays)
  const find = (folder?: string): Promise<readonly RunningProcess[]> =>
    Promise.resolve(running.filter((each) => folder === undefined || each.folder === folder))
  const onlyLooks = (): Promise<never> => Promise.reject(new Error('it only looks'))
  const ports: Ports = {
    ...world.ports,
    processTable: () => Promise.resolve({ find, end: onlyLooks, announce: onlyLooks }),
  }
  const { signal } = new AbortController()
  return inventory({ name, shared }, ports, { source, inventory: { take: takeInventory } }, signal)
}

function process(folder: string): RunningProcess {
  return { pid: 7, startTime: '1', command: 'pulumi up', folder, startedAt: Date.parse(createdAt) }
}

function said({ rows }: InventoryResult): string[] {
  return rows.map(({ playground, owner, layer, what }) => `${playground} ${owner} ${layer} ${what}`)
}

describe('an inventory', () => {
  test('of nothing is empty, and complete', async () => {
    expect(await look()).toEqual({ rows: [], unknown: [] })
  })

  test('shows what there is of each playground, on the engine and on this machine', async () => {
    const { createdAt: since } = await world.makePlayground('one')
    await world.makePlayground('two')
    made.set('one', ['play-one-control-plane'])
    running.push(process(world.states.folder('one')))
    const result = await look()
    expect(result.unknown).toEqual([])
    expect(result.rows).toContainEqual({
      ...{ playground: 'one', owner: 'playground', layer: 'containers', what: 'play-one-control-plane' },
      createdAt,
    })
    expect(said(result)).toEqual([
      'one playground containers play-one-control-plane',
      `one playground kubeconfig play-one in ${world.kubeconfigs.path}`,
      'one playground processes 7 pulumi up',
      'one playground state /states/playgrounds/one (2 files, 1 MiB)',
      `two playground kubeconfig play-two in ${world.kubeconfigs.path}`,
      'two playground state /states/playgrounds/two (2 files, 1 MiB)',
    ])
    expect(result.rows.find(({ layer }) => layer === 'state')?.createdAt).toBe(since)
  })

  test('changes nothing, and works while another play is at work', async () => {
    await world.makePlayground('dev')
    const lock = await world.states.lock('dev', 'play up dev')
    const before = world.snapshot()
    expect((await look()).unknown).toEqual([])
    expect(world.snapshot()).toEqual(before)
    await lock.release()
  })

  test('[row 25] shows clusters and processes of playgrounds that are gone, and no others', async () => {
    world.states.otherFolders.add('/elsewhere/playgrounds/theirs')
    const orphan = { cluster: 'play-lost', containers: ['play-lost-control-plane'], createdAt }
    orphans.push(
      { ...orphan, name: 'lost', folder: '/states/playgrounds/lost' },
      { ...orphan, name: 'theirs', folder: '/elsewhere/playgrounds/theirs' },
    )
    running.push(process('/gone/playgrounds/lost'), process('/elsewhere/playgrounds/theirs'))
    expect(said(await look())).toEqual([
      'lost orphan containers play-lost-control-plane',
      'lost orphan processes 7 pulumi up',
    ])
  })

  test('shows files that crashed runs left', async () => {
    await world.makePlayground('dev')
    strays.push(
      { path: '/states/playgrounds/.dev.lock', kind: 'lock', name: 'dev' },
      { path: '/states/playgrounds/.lost.lock', kind: 'lock', name: 'lost' },
    )
    expect(said(await look()).filter((row) => row.includes(' files '))).toEqual([
      'dev playground files lock /states/playgrounds/.dev.lock',
      'lost orphan files lock /states/playgrounds/.lost.lock',
    ])
  })

  test('shows what they left beside what playgrounds share as nobody’s own, and no old logs', async () => {
    world.kubeconfigs.strays = () => Promise.resolve(['/home/me/.kube/config.lock'])
    strays.push(
      { path: '/states/certificates/.a.json.0123456789ab.tmp', kind: 'temporary file', name: 'certificates' },
      { path: '/states/playgrounds/dev/events/1.ndjson', kind: 'log', name: 'dev' },
    )
    expect(said(await look())).toEqual([
      ' shared files temporary file /states/certificates/.a.json.0123456789ab.tmp',
      ' shared kubeconfig /home/me/.kube/config.lock',
    ])
  })

  test('of one name leaves the others out', async () => {
    await world.makePlayground('one')
    await world.makePlayground('two')
    strays.push({ path: '/states/playgrounds/.one.lock', kind: 'lock', name: 'one' })
    expect((await look('two')).rows.map(({ playground }) => playground)).toEqual(['two', 'two'])
  })

  test('[row 25] of a name without a playground finds what bears it, once', async () => {
    made.set('lost', ['play-lost-control-plane'])
    const containers = ['play-lost-control-plane']
    const folder = world.states.folder('lost')
    orphans.push({ name: 'lost', cluster: 'play-lost', folder, containers, createdAt })
    running.push(process(folder))
    expect(said(await look('lost'))).toEqual([
      'lost orphan containers play-lost-control-plane',
      'lost orphan processes 7 pulumi up',
    ])
  })

  test('with what all playgrounds share shows it as nobody’s own', async () => {
    const find: Query['find'] = () => Promise.resolve([{ what: '/cache (2 files, 3 MiB)' }])
    expect(said(await look(undefined, [{ layer: 'cache', looked: '/cache', find }]))).toEqual([
      ' shared cache /cache (2 files, 3 MiB)',
    ])
  })
})

describe('[row 7] an inventory that could not look everywhere', () => {
  test('shows what it found all the same, and says where it did not look and why', async () => {
    await world.makePlayground('one')
    await world.makePlayground('two')
    made.set('one', PlayError.of('ENGINE_DOWN', { engine: 'docker' }))
    made.set('two', ['play-two-control-plane'])
    const result = await look()
    expect(result.unknown).toEqual([
      {
        playground: 'one',
        finding: {
          ...{ layer: 'cluster', looked: 'kind', result: 'unknown' },
          found: ['docker is installed but does not answer'],
        },
      },
    ])
    expect(said(result)).toHaveLength(5)
    const [error, ...more] = inventoryErrors(result)
    expect(more).toEqual([])
    expect(error).toMatchObject({ id: 'EMPTINESS_UNKNOWN', exitCode: 10 })
    expect(error?.message).toContain('"one" (cluster)')
    expect(error?.suggestions).not.toContain('play down one')
  })

  test('tells of a state that cannot be read, and looks by name', async () => {
    await world.makePlayground('dev')
    world.states.damaged.add('dev')
    made.set('dev', ['play-dev-control-plane'])
    const result = await look()
    expect(result.unknown.map(({ finding }) => finding.layer)).toEqual(['state'])
    expect(said(result)).toContain('dev playground containers play-dev-control-plane')
  })

  test('takes neither a process table nor a state folder that cannot be read for an empty one', async () => {
    world.states.strays = () => Promise.reject(new Error('EACCES'))
    const ports: Ports = { ...world.ports, processTable: () => Promise.reject(new Error('no /proc')) }
    const parts = { source, inventory: { take: takeInventory } }
    const result = await inventory(
      { name: undefined, shared: [] },
      ports,
      parts,
      new AbortController().signal,
    )
    expect(result.rows).toEqual([])
    expect(result.unknown.map(({ finding }) => finding.layer)).toEqual(['processes', 'files'])
    expect(inventoryErrors(result)).toHaveLength(1)
  })
})
