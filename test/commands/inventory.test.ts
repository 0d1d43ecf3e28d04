/** play inventory: what there is of playgrounds, and how much of that play knows. */
import { beforeEach, describe, expect, test } from 'vitest'
import Down from '../../commands/down.ts'
import Inventory from '../../commands/inventory.ts'
import { PlayError } from '../../src/domain/errors.ts'
import type { InventoryResult } from '../../src/domain/results.ts'
import type { ErrorData } from '../../src/engine/events.ts'
import { runCommand, type Said } from '../fakes/fake-app.ts'
import { FakeWorld } from '../fakes/fake-ports.ts'

let world: FakeWorld
beforeEach(() => {
  world = new FakeWorld()
})

function inventory(argv: readonly string[] = []): Promise<Said> {
  return runCommand(Inventory, argv, world)
}

interface Document {
  readonly ok: boolean
  readonly result: InventoryResult
  readonly error?: ErrorData
}

async function asData(argv: readonly string[] = []): Promise<Document> {
  return JSON.parse((await inventory([...argv, '--json'])).stdout) as Document
}

describe('play inventory', () => {
  test('where there is nothing says so, and ends with 0', async () => {
    const { stdout, stderr, exitCode } = await inventory()
    expect([stdout, stderr, exitCode]).toEqual(['Nothing of any playground is there.\n', '', 0])
  })

  test('shows everything of each playground with its age and owner, and ends with 0', async () => {
    await world.makePlayground('one')
    await world.makePlayground('two')
    const { stdout, stderr, exitCode } = await inventory()
    expect([stderr, exitCode]).toEqual(['', 0])
    expect(stdout).toMatch(/^PLAYGROUND +LAYER +WHAT +AGE +OWNER\n/)
    expect(stdout).toMatch(/one +containers +play-one-control-plane +\d+\w +playground/)
    expect(stdout).toMatch(/two +volumes +volume-of-play-two/)
    expect(stdout).toMatch(/two +kubeconfig +play-two in /)
    expect(stdout).toMatch(/two +state +\/states\/playgrounds\/two \(\d files, /)
  })

  test('changes nothing', async () => {
    await world.makePlayground('dev')
    const before = world.snapshot()
    await inventory(['--all'])
    expect(world.snapshot()).toEqual(before)
  })

  test('of one playground leaves out the others', async () => {
    await world.makePlayground('one')
    await world.makePlayground('two')
    const { result } = await asData(['two'])
    expect(new Set(result.rows.map(({ playground }) => playground))).toEqual(new Set(['two']))
  })

  test('of a name that never was says that nothing is there: a look is no mistake', async () => {
    const { stdout, exitCode } = await inventory(['never'])
    expect([stdout, exitCode]).toEqual(['Nothing of "never" is there.\n', 0])
  })

  test('[row 25] shows a cluster whose state folder was deleted as an orphan', async () => {
    await world.makePlayground('dev')
    world.states.states.clear()
    world.states.files.clear()
    const { ok, result } = await asData()
    expect(ok).toBe(true)
    expect(result.rows).toContainEqual({
      ...{ playground: 'dev', owner: 'orphan', layer: 'containers', what: 'play-dev-control-plane' },
      createdAt: expect.any(String) as string,
    })
  })

  test('[row 26] finds nothing after a down that says so, and where that is certified', async () => {
    await world.makePlayground('dev')
    const { stdout, exitCode } = await runCommand(Down, ['dev'], world)
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(
      /^Nothing of "dev" is left: looked twice, \d+ s apart; certificate: \/states\/certificates\/\w+-dev\.json$/m,
    )
    expect(world.states.certificates).toMatchObject([{ name: 'dev', verdict: 'empty' }])
    expect((await asData()).result).toEqual({ rows: [], unknown: [] })
  })

  test('with --all also shows what playgrounds share', async () => {
    expect((await inventory(['--all'])).stdout).toMatch(/- +cache +\/cache \(2 files, 3 MiB\) +shared/)
    expect((await inventory()).stdout).not.toContain('/cache')
  })

  test('takes a name or --all, and no name that is none', async () => {
    expect((await inventory(['dev', '--all'])).exitCode).toBe(2)
    expect((await inventory(['Bad_Name'])).exitCode).toBe(2)
  })
})

describe('[row 7] play inventory that could not look everywhere', () => {
  beforeEach(async () => {
    await world.makePlayground('dev')
    world.engineError = PlayError.of('ENGINE_DOWN', { engine: 'docker' })
  })

  test('ends with 10, shows what it found all the same, and says where it did not look', async () => {
    const { stdout, stderr, exitCode } = await inventory(['dev'])
    expect(exitCode).toBe(10)
    expect(stdout).toMatch(/dev +state /)
    expect(stdout).toContain('could not look everywhere:\n  dev, cluster')
    expect(stdout).toContain('docker is installed but does not answer')
    expect(stderr).toContain('EMPTINESS_UNKNOWN')
    expect(stderr).toContain('play doctor')
  })

  test('never says that nothing is there', async () => {
    world = new FakeWorld()
    world.engineError = PlayError.of('ENGINE_DOWN', { engine: 'docker' })
    const { stdout, exitCode } = await inventory()
    expect(exitCode).toBe(10)
    expect(stdout).not.toContain('is there.')
  })

  test('gives machines one document with the rows and what is unknown', async () => {
    const { ok, error, result } = await asData()
    expect(ok).toBe(false)
    expect(error).toMatchObject({ id: 'EMPTINESS_UNKNOWN', exitCode: 10 })
    expect(result.rows.map(({ layer }) => layer)).toContain('state')
    expect(result.unknown.map(({ finding }) => finding.layer)).toEqual(['cluster', 'containers'])
  })
})
