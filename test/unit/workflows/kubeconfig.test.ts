import { beforeEach, describe, expect, test } from 'vitest'
import { kubeconfig } from '../../../src/workflows/kubeconfig.ts'
import { FakeWorld } from '../../fakes/fake-ports.ts'

const path = '/states/playgrounds/dev/kubeconfig'
let world: FakeWorld

beforeEach(() => {
  world = new FakeWorld()
  world.kubeconfigs.contexts.set('work', { server: 'https://work.example.org' })
  world.kubeconfigs.current = 'work'
})

describe('the kubeconfig of a playground', () => {
  test('can be found, without saying what is in it', async () => {
    await world.makePlayground('dev')
    const answer = await kubeconfig('dev', 'path', world.ports)
    expect(answer).toEqual({ result: { path, context: 'play-dev' }, lines: [path] })
  })

  test('can be printed', async () => {
    await world.makePlayground('dev')
    const { result, lines } = await kubeconfig('dev', 'print', world.ports)
    expect(result).toMatchObject({ path, context: 'play-dev' })
    expect(lines.join('\n')).toContain('client-key-data')
    expect(lines.join('\n')).not.toMatch(/\n$/)
  })

  test('can be merged later, and what was current before is remembered for down', async () => {
    await world.makePlayground('dev')
    world.kubeconfigs.contexts.delete('play-dev')
    world.kubeconfigs.current = 'work'
    const state = await world.states.read('dev')
    if (state === undefined) throw new Error('the playground has a state')
    const { mergedContext, ...unmerged } = state
    await world.states.write(unmerged)
    const { lines } = await kubeconfig('dev', 'merge', world.ports)
    expect(lines).toEqual(['play-dev is the current context of /home/person/.kube/config'])
    expect(world.kubeconfigs.current).toBe('play-dev')
    expect((await world.states.read('dev'))?.mergedContext).toEqual(mergedContext)
  })

  test('can be merged again without forgetting what was current before the first time', async () => {
    await world.makePlayground('dev')
    await kubeconfig('dev', 'merge', world.ports)
    expect((await world.states.read('dev'))?.mergedContext?.formerContext).toBe('work')
  })

  test('is refused for a playground that is not there or not that far', async () => {
    await expect(kubeconfig('dev', 'path', world.ports)).rejects.toMatchObject({ id: 'PLAYGROUND_NOT_FOUND' })
    await world.makePlayground('dev')
    world.kubeconfigs.own.clear()
    await expect(kubeconfig('dev', 'print', world.ports)).rejects.toMatchObject({
      id: 'PLAYGROUND_NOT_READY',
    })
  })
})
