import { beforeEach, describe, expect, test } from 'vitest'
import { componentRegistry } from '../../../src/components/index.ts'
import type { UpResult } from '../../../src/domain/results.ts'
import { kindSource } from '../../../src/sources/kind/index.ts'
import type { Session } from '../../../src/workflows/session.ts'
import { up, type UpOptions } from '../../../src/workflows/up.ts'
import { FakeWorld } from '../../fakes/fake-ports.ts'

let world: FakeWorld
beforeEach(() => {
  world = new FakeWorld()
})

function run(options: Partial<UpOptions> = {}, session: Partial<Session> = {}): Promise<UpResult | undefined> {
  const wanted = { name: 'dev', with: [], without: [], timeoutMs: 60_000, mergeKubeconfig: true, wait: true, ...options }
  const registries = { source: kindSource, components: componentRegistry }
  return world.run(up(wanted, world.ports, registries, world.session(session)))
}

describe('up', () => {
  test('makes everything the first time', async () => {
    console.log(await run())
    console.log(world.events.map((e) => JSON.stringify(e)).join('\n'))
    console.log(world.states.states, world.states.journals, world.engine.containers)
  })
})
