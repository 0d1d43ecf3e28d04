/** What the provider leaves behind, and says so; and when it leaves everything alone. */
import { describe, expect, test } from 'vitest'
import type { PlayProvider } from '../../../src/pulumi/provider/provider.ts'
import type { Reply } from '../../fakes/fake-process.ts'
import { inputs } from '../../fakes/cluster-inputs.ts'
import { useProviderStage, commands, urn } from '../../fakes/provider-stage.ts'

const { create, kubelet, list, remove } = commands
const world = useProviderStage()

function expectRun(command: readonly string[], reply?: Reply): void {
  world.stage.runner.fake.expect(command, reply)
}

describe('a creation', () => {
  test('[row 42] that cannot clean up either says both, and carries the id for the engine to keep', async () => {
    expectRun(create, { exitCode: 1, stderr: 'ERROR: first\n' })
    expectRun(kubelet)
    expectRun(remove, { exitCode: 1, stderr: 'ERROR: second\n' })
    const error = (await world.stage.provider.create(urn, inputs).catch((each: unknown) => each)) as Error
    const message = 'ERROR: first\nand could not clean up: ERROR: second'
    expect(error).toMatchObject({ message, id: 'play-dev', reasons: [message] })
    expect(error).toMatchObject({ properties: { ...inputs, incomplete: true } })
  })

  test('[row 42] that cleans up does not take kind’s word for it', async () => {
    expectRun(create, { exitCode: 1, stderr: 'ERROR: first\n' })
    expectRun(kubelet)
    expectRun(remove)
    expectRun(list, { stdout: 'play-dev\n' })
    await expect(world.stage.provider.create(urn, inputs)).rejects.toMatchObject({
      id: 'play-dev',
      message: 'ERROR: first\nand could not clean up: kind said that play-dev is deleted, but it is there',
    })
  })

  test('[row 42] that cleaned up carries no id: there is nothing to keep', async () => {
    expectRun(create, { exitCode: 1, stderr: 'ERROR: first\n' })
    expectRun(kubelet)
    expectRun(remove)
    expectRun(list, { stdout: 'No kind clusters found.\n' })
    const error = await world.stage.provider.create(urn, inputs).catch((each: unknown) => each)
    expect(error).not.toHaveProperty('id')
  })
})

describe('a plug-in whose play no longer holds the lock', () => {
  const lost = (): Promise<void> => Promise.reject(new Error('nothing was done: the lock is gone'))
  const withLock = (requireLock: () => Promise<void>): PlayProvider => world.stage.make({ requireLock })

  test('[row 53] makes nothing and removes nothing', async () => {
    await expect(withLock(lost).create(urn, inputs)).rejects.toThrow('nothing was done')
    await expect(withLock(lost).delete('play-dev')).rejects.toThrow('nothing was done')
    expect(world.stage.runner.fake.calls).toEqual([])
  })

  test('[row 53] does not clean up either once it is lost, since the name may be another run’s, and says what it left', async () => {
    expectRun(create, { exitCode: 1, stderr: 'ERROR: first\n' })
    expectRun(kubelet)
    let asked = 0
    const error = await withLock(() => ((asked += 1) === 1 ? Promise.resolve() : lost()))
      .create(urn, inputs)
      .catch((each: unknown) => each)
    expect(error).toMatchObject({ id: 'play-dev' })
    expect((error as Error).message).toContain('could not clean up: nothing was done')
  })
})
