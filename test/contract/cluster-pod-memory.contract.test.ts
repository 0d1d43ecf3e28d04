/** What every ClusterClient promises of the memory of pods. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fakeWorld, realWorld, type World } from './cluster-worlds.ts'

describe.each([
  ['the HTTPS client', realWorld],
  ['the fake cluster', fakeWorld],
])('%s', (_name, start) => {
  let world: World
  let stop: AbortController

  beforeEach(async () => {
    world = await start()
    stop = new AbortController()
  })
  afterEach(async () => {
    stop.abort()
    await world.end()
  })

  it('tells what pods use, as their nodes tell it', async () => {
    const memory = [{ namespace: 'default', name: 'web', usedBytes: 12_345_678 }]
    world.setMemory(memory)

    expect(await world.client.podMemory(stop.signal)).toEqual(memory)
  })

  it('stops asking for it with the reason it was given', async () => {
    const reason = new Error('enough')
    stop.abort(reason)

    await expect(world.client.podMemory(stop.signal)).rejects.toBe(reason)
  })
})
