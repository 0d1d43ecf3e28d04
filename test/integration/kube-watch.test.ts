/** Watches and logs over real connections: cut, silent, half a character at a time. */
import { describe, expect, it } from 'vitest'
import type { ClusterClient, WatchEvent } from '../../src/domain/ports.ts'
import { configMap, maps, pod, webLog, widget, widgetDefinition } from '../fakes/sample-objects.ts'
import { useStandIn } from '../fakes/use-stand-in.ts'

const { signal } = new AbortController()
const world = useStandIn()

/** For what happens by itself, on a machine that may be busy. */
const patience = { timeout: 10_000 }

/** A watch whose events are taken one by one, as words. */
function following(client: ClusterClient): { next(): Promise<string> } {
  const events = client.watch(maps, signal)[Symbol.asyncIterator]()
  return {
    next: async () => {
      const result = await events.next()
      return result.done === true ? 'the end' : wordsOf(result.value)
    },
  }
}

function wordsOf({ type, object }: WatchEvent): string {
  return `${type} ${object.metadata.name} ${JSON.stringify(object['data'])}`
}

/** Resolves once the server has `count` watches open. */
async function watched(count = 1): Promise<void> {
  await expect.poll(() => world.standIn.watches.length, patience).toBe(count)
}

describe('a watch', () => {
  it('asks for bookmarks and for an end', async () => {
    const watch = following(world.client)
    const first = watch.next()
    await watched()
    world.standIn.store.put(configMap('a'))
    await first

    const { query } = world.standIn.requests.at(-1) ?? {}
    expect(Object.fromEntries(query ?? [])).toEqual({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: expect.any(String) as string,
      timeoutSeconds: '60',
    })
  })

  it('survives the end that the server puts to it, and a cut', async () => {
    world.standIn.store.put(configMap('a'))
    const watch = following(world.client)
    expect(await watch.next()).toBe('added a {}')
    const second = watch.next()
    await watched()
    world.standIn.watches[0]?.end()
    await watched(0)
    await watched()
    world.standIn.store.put(configMap('a', {}, { n: '1' }))
    expect(await second).toBe('modified a {"n":"1"}')

    const third = watch.next()
    world.standIn.cutConnections()
    world.standIn.store.put(configMap('b'))

    expect(await third).toBe('added b {}')
    expect(world.standIn.count('GET /api/v1/namespaces/default/configmaps?limit')).toBe(1)
  })

  it('notices a connection on which nobody speaks any more', async () => {
    const client = await world.open({ watchSilenceMs: 100 })
    world.standIn.muteWatches = true
    const watch = following(client)
    const first = watch.next()
    await watched()
    world.standIn.store.put(configMap('a'))
    world.standIn.muteWatches = false

    expect(await first).toBe('added a {}')
    expect(world.standIn.count('GET')).toBeGreaterThan(2)
  })

  it('is kept alive by bookmarks', async () => {
    const client = await world.open({ watchSilenceMs: 1000 })
    const watch = following(client)
    const first = watch.next()
    await watched()
    const bookmark = (): void => {
      const metadata = { resourceVersion: String(world.standIn.store.revision) }
      world.standIn.watches[0]?.send({
        type: 'BOOKMARK',
        object: { kind: 'ConfigMap', apiVersion: 'v1', metadata },
      })
    }
    const timer = setInterval(bookmark, 50)
    await new Promise((resolve) => setTimeout(resolve, 1300))
    clearInterval(timer)
    world.standIn.store.put(configMap('a'))

    expect(await first).toBe('added a {}')
    expect(world.standIn.count('GET')).toBe(2)
  })

  it('puts together a line that comes in pieces, cut inside a character', async () => {
    const watch = following(world.client)
    const first = watch.next()
    await watched()
    const event = { type: 'ADDED', object: configMap('a', { resourceVersion: '200' }, { text: 'zwölf 🦊' }) }
    for (const byte of Buffer.from(`${JSON.stringify(event)}\n`)) {
      world.standIn.watches[0]?.write(Buffer.from([byte]))
      await new Promise((resolve) => setImmediate(resolve))
    }

    expect(await first).toBe('added a {"text":"zwölf 🦊"}')
  })

  it('reconnects after half a line', async () => {
    const watch = following(world.client)
    const first = watch.next()
    await watched()
    world.standIn.watches[0]?.write('{"type":"ADDED","obj')
    world.standIn.watches[0]?.end()
    await watched(0)
    await watched()
    world.standIn.store.put(configMap('a'))

    expect(await first).toBe('added a {}')
  })

  it('tells what has happened during a gap', async () => {
    for (const name of ['kept', 'changed', 'gone']) world.standIn.store.put(configMap(name))
    const watch = following(world.client)
    const before = [await watch.next(), await watch.next(), await watch.next()]
    const next = watch.next()
    await watched()
    world.standIn.muteWatches = true
    world.standIn.store.put(configMap('changed', {}, { n: '1' }))
    world.standIn.store.delete({ ...maps, name: 'gone' })
    world.standIn.store.put(configMap('new'))
    world.standIn.store.compact()
    world.standIn.muteWatches = false
    world.standIn.cutConnections()

    expect(before).toEqual(['added kept {}', 'added changed {}', 'added gone {}'])
    expect([await next, await watch.next(), await watch.next()]).toEqual([
      'deleted gone {}',
      'modified changed {"n":"1"}',
      'added new {}',
    ])
  })

  it('of a custom kind begins before the kind is there', async () => {
    const watch = world.client
      .watch({ apiVersion: 'example.test/v1', kind: 'Widget' }, signal)
      [Symbol.asyncIterator]()
    const first = watch.next()
    await expect.poll(() => world.standIn.count('GET /apis/example.test/v1'), patience).toBeGreaterThan(0)
    world.standIn.store.put(widgetDefinition)
    world.standIn.store.put(widget)

    expect(await first).toMatchObject({ value: { type: 'added', object: { metadata: { name: 'one' } } } })
    await watch.return?.()
  })

  it('frees its connection when the reader has seen enough', async () => {
    world.standIn.store.put(configMap('a'))
    const changes = world.client.watch(maps, signal)[Symbol.asyncIterator]()
    await changes.next()
    const second = changes.next()
    await watched()
    world.standIn.store.put(configMap('b'))
    await second

    await changes.return?.()

    await watched(0)
  })

  it('ends at once when it is told to, while nothing happens', async () => {
    const stop = new AbortController()
    const first = world.client.watch(maps, stop.signal)[Symbol.asyncIterator]().next()
    await watched()

    stop.abort()

    expect(await first).toMatchObject({ done: true })
    await watched(0)
  })

  it('ends with the words of a server that refuses it', async () => {
    const none = { 'client-certificate-data': undefined, 'client-key-data': undefined }
    await world.standIn.writeKubeconfig({ user: none })
    const watch = following(await world.open())

    await expect(watch.next()).rejects.toMatchObject({
      id: 'API_REJECTED',
      message: 'The cluster refused ConfigMap default: Unauthorized',
    })
  })
})

describe('a log', () => {
  it('that is silent for long is not broken', async () => {
    const client = await world.open({ requestMs: 600, watchSilenceMs: 600 })
    world.standIn.store.put(pod)
    world.standIn.store.setLog('default', 'web', 'main', { lines: [], ended: false })
    const log = client.logs({ ...webLog, follow: true }, signal)[Symbol.asyncIterator]()
    const first = log.next()
    await new Promise((resolve) => setTimeout(resolve, 800))
    world.standIn.store.setLog('default', 'web', 'main', { lines: ['at last'], ended: true })

    expect(await first).toEqual({ done: false, value: 'at last' })
    expect(await log.next()).toMatchObject({ done: true })
  })

  it('that is cut does not look complete', async () => {
    world.standIn.store.put(pod)
    world.standIn.store.setLog('default', 'web', 'main', { lines: ['one'], ended: false })
    const log = world.client.logs({ ...webLog, follow: true }, signal)[Symbol.asyncIterator]()
    await log.next()
    const next = log.next()

    world.standIn.cutConnections()

    await expect(next).rejects.toMatchObject({ id: 'API_UNREACHABLE' })
  })

  it('of a pod that is not there is refused', async () => {
    const log = world.client.logs({ ...webLog, follow: false }, signal)[Symbol.asyncIterator]()

    await expect(log.next()).rejects.toMatchObject({
      id: 'API_REJECTED',
      message: 'The cluster refused Pod default/web: pods "web" not found',
    })
  })

  it('frees its connection when the reader has seen enough', async () => {
    world.standIn.store.put(pod)
    world.standIn.store.setLog('default', 'web', 'main', { lines: ['one'], ended: false })

    for await (const line of world.client.logs({ ...webLog, follow: true }, signal)) {
      expect(line).toBe('one')
      break
    }

    await expect.poll(() => world.standIn.openConnections(), patience).toBeLessThanOrEqual(1)
  })
})
