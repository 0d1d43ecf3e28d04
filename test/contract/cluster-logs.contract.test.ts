/** What every ClusterClient promises of logs of containers that were started again. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pod, webLog } from '../fakes/sample-objects.ts'
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

  it('reads the last lines of the run before this one', async () => {
    world.put(pod)
    world.setLog(['now'], false, ['one', 'two', 'three'])
    const lines: string[] = []
    const before = { ...webLog, follow: false, previous: true, tailLines: 2 }

    for await (const line of world.client.logs(before, stop.signal)) lines.push(line)

    expect(lines).toEqual(['two', 'three'])
  })

  it('refuses the log of a run before the first', async () => {
    world.put(pod)
    world.setLog(['now'], false)
    const before = { ...webLog, follow: false, previous: true }

    await expect(world.client.logs(before, stop.signal)[Symbol.asyncIterator]().next()).rejects.toMatchObject(
      {
        id: 'API_REJECTED',
        message: expect.stringContaining('previous terminated container') as string,
      },
    )
  })
})
