/** What every ClusterClient promises of the memory of pods. */
import { expect, it } from 'vitest'
import { inBothWorlds } from './cluster-worlds.ts'

inBothWorlds((at) => {
  it('tells what pods use, as their nodes tell it', async () => {
    const memory = [{ namespace: 'default', name: 'web', usedBytes: 12_345_678 }]
    at.world.setMemory(memory)

    expect(await at.world.client.podMemory(at.stop.signal)).toEqual(memory)
  })

  it('stops asking for it with the reason it was given', async () => {
    const reason = new Error('enough')
    at.stop.abort(reason)

    await expect(at.world.client.podMemory(at.stop.signal)).rejects.toBe(reason)
  })
})
