/** What every ClusterClient promises of logs of containers that were started again. */
import { expect, it } from 'vitest'
import { pod, webLog } from '../fakes/sample-objects.ts'
import { inBothWorlds } from './cluster-worlds.ts'

inBothWorlds((at) => {
  it('reads the last lines of the run before this one', async () => {
    at.world.put(pod)
    at.world.setLog(['now'], false, ['one', 'two', 'three'])
    const lines: string[] = []
    const before = { ...webLog, follow: false, previous: true, tailLines: 2 }

    for await (const line of at.world.client.logs(before, at.stop.signal)) lines.push(line)

    expect(lines).toEqual(['two', 'three'])
  })

  it('refuses the log of a run before the first', async () => {
    at.world.put(pod)
    at.world.setLog(['now'], false)
    const before = { ...webLog, follow: false, previous: true }

    await expect(
      at.world.client.logs(before, at.stop.signal)[Symbol.asyncIterator]().next(),
    ).rejects.toMatchObject({
      id: 'API_REJECTED',
      message: expect.stringContaining('previous terminated container') as string,
    })
  })
})
