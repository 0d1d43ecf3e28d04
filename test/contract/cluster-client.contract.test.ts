/** What every ClusterClient promises, held against the real adapter on a local API server and against the fake cluster. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { WatchEvent } from '../../src/domain/ports.ts'
import { configMap, maps, pod, webLog, widget, widgetDefinition } from '../fakes/sample-objects.ts'
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

  it('is ready once the API server says so', async () => {
    expect(await world.client.ready(stop.signal)).toBe(true)
  })

  it('changes single fields of an object that is there', async () => {
    await world.client.apply(configMap('a', {}, { kept: '1', gone: '1' }), stop.signal)
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'a' }
    const patched = await world.client.patch(ref, { data: { gone: null, added: '2' } }, stop.signal)
    expect(patched).toMatchObject({ kind: 'ConfigMap', data: { kept: '1', added: '2' } })
    expect(patched['data']).not.toHaveProperty('gone')
    const missing = world.client.patch({ ...ref, name: 'none' }, { data: {} }, stop.signal)
    await expect(missing).rejects.toMatchObject({ id: 'API_REJECTED' })
  })

  it('gives back what was applied, fields that nobody knows included', async () => {
    const applied = await world.client.apply(
      { ...configMap('a', {}, { k: 'v' }), unheardOf: { deep: [1] } },
      stop.signal,
    )

    expect(applied).toMatchObject({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      data: { k: 'v' },
      unheardOf: { deep: [1] },
    })
    expect(await world.client.get({ ...maps, name: 'a' }, stop.signal)).toEqual(applied)
  })

  it('changes nothing when the same is applied again', async () => {
    const first = await world.client.apply(configMap('a'), stop.signal)
    const second = await world.client.apply(configMap('a'), stop.signal)

    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion)
  })

  it('leaves fields of others alone and takes its own away when they are no longer applied', async () => {
    await world.client.apply(configMap('a', {}, { ours: '1', gone: '1' }), stop.signal)
    world.put(configMap('a', {}, { ours: '1', gone: '1', theirs: '1' }))

    const applied = await world.client.apply(configMap('a', {}, { ours: '2' }), stop.signal)

    expect(applied['data']).toEqual({ ours: '2', theirs: '1' })
  })

  it('puts an object without a namespace into the default one', async () => {
    await world.client.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }, stop.signal)

    expect(await world.client.get({ ...maps, name: 'a' }, stop.signal)).toMatchObject({
      metadata: { namespace: 'default' },
    })
  })

  it('answers undefined for an object, and for a kind, that does not exist', async () => {
    expect(await world.client.get({ ...maps, name: 'a' }, stop.signal)).toBeUndefined()
    expect(
      await world.client.get({ ...widget, namespace: 'default', name: 'one' }, stop.signal),
    ).toBeUndefined()
  })

  it('lists no objects of a kind that does not exist', async () => {
    expect(await world.client.list({ apiVersion: 'example.test/v1', kind: 'Widget' }, stop.signal)).toEqual(
      [],
    )
  })

  it('lists by namespace and label, each item with its kind', async () => {
    world.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } })
    world.put(configMap('a', { labels: { app: 'x' } }))
    world.put(configMap('b', { labels: { app: 'y' } }))
    world.put(configMap('c', { labels: { app: 'x' }, namespace: 'other' }))

    const everywhere = await world.client.list(
      { apiVersion: 'v1', kind: 'ConfigMap', labelSelector: 'app=x' },
      stop.signal,
    )
    const here = await world.client.list({ ...maps, labelSelector: 'app=x' }, stop.signal)

    expect(everywhere.map(({ metadata }) => metadata.name)).toEqual(['a', 'c'])
    expect(here.map(({ kind, apiVersion, metadata }) => [kind, apiVersion, metadata.name])).toEqual([
      ['ConfigMap', 'v1', 'a'],
    ])
  })

  it('lists metadata alone when that is enough', async () => {
    world.put(configMap('a', { labels: { app: 'x' } }, { much: 'data' }))

    const [item] = await world.client.list({ ...maps, metadataOnly: true }, stop.signal)

    expect(item).toMatchObject({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', labels: { app: 'x' } },
    })
    expect(item).not.toHaveProperty('data')
  })

  it('serves a custom resource as soon as its definition is applied', async () => {
    await world.client.apply(widgetDefinition, stop.signal)

    expect(await world.client.apply(widget, stop.signal)).toMatchObject({ spec: widget['spec'] as object })
  })

  it('refuses an object of a kind that nobody serves', async () => {
    await expect(world.client.apply(widget, stop.signal)).rejects.toMatchObject({
      id: 'API_REJECTED',
      message:
        'The cluster refused Widget default/one: the cluster does not serve the kind Widget of example.test/v1',
    })
  })

  it('refuses an object in a namespace that is not there', async () => {
    await expect(
      world.client.apply(configMap('a', { namespace: 'none' }), stop.signal),
    ).rejects.toMatchObject({
      id: 'API_REJECTED',
      message: 'The cluster refused ConfigMap none/a: namespaces "none" not found',
    })
  })

  it('creates an object once', async () => {
    await world.client.create(configMap('a'), stop.signal)

    await expect(world.client.create(configMap('a'), stop.signal)).rejects.toMatchObject({
      id: 'API_REJECTED',
      message: 'The cluster refused ConfigMap default/a: configmaps "a" already exists',
    })
  })

  it('says whether what it deleted was there', async () => {
    world.put(configMap('a'))

    expect(await world.client.delete({ ...maps, name: 'a' }, stop.signal)).toBe(true)
    expect(await world.client.delete({ ...maps, name: 'a' }, stop.signal)).toBe(false)
    expect(await world.client.delete({ ...widget, name: 'one' }, stop.signal)).toBe(false)
  })

  it('watches from what is there through every change, and returns when told to stop', async () => {
    world.put(configMap('a', {}, { n: '1' }))
    world.put({ ...pod })
    const seen: [WatchEvent['type'], string, unknown][] = []

    for await (const { type, object } of world.client.watch(maps, stop.signal)) {
      seen.push([type, object.metadata.name, object['data']])
      if (seen.length === 1) world.put(configMap('a', {}, { n: '2' }))
      if (seen.length === 2) world.put(configMap('b'))
      if (seen.length === 3) world.remove({ ...maps, name: 'a' })
      if (seen.length === 4) stop.abort()
    }

    expect(seen).toEqual([
      ['added', 'a', { n: '1' }],
      ['modified', 'a', { n: '2' }],
      ['added', 'b', {}],
      ['deleted', 'a', { n: '2' }],
    ])
  })

  it('watches one object by its name', async () => {
    world.put(configMap('a'))
    world.put(configMap('b'))

    for await (const { object } of world.client.watch(
      { ...maps, fieldSelector: 'metadata.name=b' },
      stop.signal,
    )) {
      expect(object.metadata.name).toBe('b')
      break
    }
  })

  it('watches nothing after it was told to stop', async () => {
    stop.abort()

    for await (const event of world.client.watch(maps, stop.signal)) expect(event).toBeUndefined()
  })

  it('ends a watch that is told to stop while it begins', async () => {
    world.put(configMap('a'))
    const first = world.client.watch(maps, stop.signal)[Symbol.asyncIterator]().next()
    stop.abort()
    expect(await first).toMatchObject({ done: true })
  })

  it('ends a watch when it is closed', async () => {
    world.put(configMap('a'))

    for await (const event of world.client.watch(maps, stop.signal)) {
      expect(event.type).toBe('added')
      world.client.close()
    }
  })

  it('reads the log so far', async () => {
    world.put(pod)
    world.setLog(['one', 'two'], false)
    const lines: string[] = []

    for await (const line of world.client.logs({ ...webLog, follow: false }, stop.signal)) lines.push(line)

    expect(lines).toEqual(['one', 'two'])
  })

  it('follows a log until the container ends', async () => {
    world.put(pod)
    world.setLog(['one'], false)
    const lines: string[] = []

    for await (const line of world.client.logs({ ...webLog, follow: true }, stop.signal)) {
      lines.push(line)
      if (lines.length === 1) world.setLog(['one', 'zwölf'], false)
      if (lines.length === 2) world.setLog(['one', 'zwölf', 'three'], true)
    }

    expect(lines).toEqual(['one', 'zwölf', 'three'])
  })

  it('refuses the log of a container that has not started', async () => {
    world.put(pod)

    await expect(
      world.client
        .logs({ ...webLog, follow: true }, stop.signal)
        [Symbol.asyncIterator]()
        .next(),
    ).rejects.toMatchObject({
      id: 'API_REJECTED',
      message: expect.stringContaining('is waiting to start') as string,
    })
  })

  it('stops with the reason it was given', async () => {
    const reason = new Error('enough')
    stop.abort(reason)
    const { client } = world
    const { signal } = stop

    await expect(client.ready(signal)).rejects.toBe(reason)
    await expect(client.get({ ...maps, name: 'a' }, signal)).rejects.toBe(reason)
    await expect(client.list(maps, signal)).rejects.toBe(reason)
    await expect(client.apply(configMap('a'), signal)).rejects.toBe(reason)
    await expect(client.create(configMap('a'), signal)).rejects.toBe(reason)
    await expect(client.delete({ ...maps, name: 'a' }, signal)).rejects.toBe(reason)
    await expect(
      client
        .logs({ ...webLog, follow: true }, signal)
        [Symbol.asyncIterator]()
        .next(),
    ).rejects.toBe(reason)
  })

  it('stops following a log with the reason it was given', async () => {
    world.put(pod)
    world.setLog(['one'], false)
    const reason = new Error('enough')
    const lines = world.client.logs({ ...webLog, follow: true }, stop.signal)[Symbol.asyncIterator]()
    await lines.next()

    const next = lines.next()
    stop.abort(reason)

    await expect(next).rejects.toBe(reason)
  })

  it('answers nothing after it is closed', async () => {
    world.client.close()

    await expect(world.client.list(maps, stop.signal)).rejects.toMatchObject({ id: 'API_UNREACHABLE' })
  })
})
