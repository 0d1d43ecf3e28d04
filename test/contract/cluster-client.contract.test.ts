/** What every ClusterClient promises, held against the real adapter on a local API server and against the fake cluster. */
import { expect, it } from 'vitest'
import type { WatchEvent } from '../../src/domain/ports.ts'
import { configMap, maps, pod, webLog, widget, widgetDefinition } from '../fakes/sample-objects.ts'
import { inBothWorlds } from './cluster-worlds.ts'

inBothWorlds((at) => {
  it('is ready once the API server says so', async () => {
    expect(await at.world.client.ready(at.stop.signal)).toBe(true)
  })

  it('changes single fields of an object that is there', async () => {
    await at.world.client.apply(configMap('a', {}, { kept: '1', gone: '1' }), at.stop.signal)
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'a' }
    const patched = await at.world.client.patch(ref, { data: { gone: null, added: '2' } }, at.stop.signal)
    expect(patched).toMatchObject({ kind: 'ConfigMap', data: { kept: '1', added: '2' } })
    expect(patched['data']).not.toHaveProperty('gone')
    const missing = at.world.client.patch({ ...ref, name: 'none' }, { data: {} }, at.stop.signal)
    await expect(missing).rejects.toMatchObject({ id: 'API_REJECTED' })
  })

  it('gives back what was applied, fields that nobody knows included', async () => {
    const applied = await at.world.client.apply(
      { ...configMap('a', {}, { k: 'v' }), unheardOf: { deep: [1] } },
      at.stop.signal,
    )

    expect(applied).toMatchObject({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      data: { k: 'v' },
      unheardOf: { deep: [1] },
    })
    expect(await at.world.client.get({ ...maps, name: 'a' }, at.stop.signal)).toEqual(applied)
  })

  it('changes nothing when the same is applied again', async () => {
    const first = await at.world.client.apply(configMap('a'), at.stop.signal)
    const second = await at.world.client.apply(configMap('a'), at.stop.signal)

    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion)
  })

  it('leaves fields of others alone and takes its own away when they are no longer applied', async () => {
    await at.world.client.apply(configMap('a', {}, { ours: '1', gone: '1' }), at.stop.signal)
    at.world.put(configMap('a', {}, { ours: '1', gone: '1', theirs: '1' }))

    const applied = await at.world.client.apply(configMap('a', {}, { ours: '2' }), at.stop.signal)

    expect(applied['data']).toEqual({ ours: '2', theirs: '1' })
  })

  it('puts an object without a namespace into the default one', async () => {
    await at.world.client.apply(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } },
      at.stop.signal,
    )

    expect(await at.world.client.get({ ...maps, name: 'a' }, at.stop.signal)).toMatchObject({
      metadata: { namespace: 'default' },
    })
  })

  it('answers undefined for an object, and for a kind, that does not exist', async () => {
    expect(await at.world.client.get({ ...maps, name: 'a' }, at.stop.signal)).toBeUndefined()
    expect(
      await at.world.client.get({ ...widget, namespace: 'default', name: 'one' }, at.stop.signal),
    ).toBeUndefined()
  })

  it('lists no objects of a kind that does not exist', async () => {
    expect(
      await at.world.client.list({ apiVersion: 'example.test/v1', kind: 'Widget' }, at.stop.signal),
    ).toEqual([])
  })

  it('lists by namespace and label, each item with its kind', async () => {
    at.world.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } })
    at.world.put(configMap('a', { labels: { app: 'x' } }))
    at.world.put(configMap('b', { labels: { app: 'y' } }))
    at.world.put(configMap('c', { labels: { app: 'x' }, namespace: 'other' }))

    const everywhere = await at.world.client.list(
      { apiVersion: 'v1', kind: 'ConfigMap', labelSelector: 'app=x' },
      at.stop.signal,
    )
    const here = await at.world.client.list({ ...maps, labelSelector: 'app=x' }, at.stop.signal)

    expect(everywhere.map(({ metadata }) => metadata.name)).toEqual(['a', 'c'])
    expect(here.map(({ kind, apiVersion, metadata }) => [kind, apiVersion, metadata.name])).toEqual([
      ['ConfigMap', 'v1', 'a'],
    ])
  })

  it('lists metadata alone when that is enough', async () => {
    at.world.put(configMap('a', { labels: { app: 'x' } }, { much: 'data' }))

    const [item] = await at.world.client.list({ ...maps, metadataOnly: true }, at.stop.signal)

    expect(item).toMatchObject({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', labels: { app: 'x' } },
    })
    expect(item).not.toHaveProperty('data')
  })

  it('serves a custom resource as soon as its definition is applied', async () => {
    await at.world.client.apply(widgetDefinition, at.stop.signal)

    expect(await at.world.client.apply(widget, at.stop.signal)).toMatchObject({
      spec: widget['spec'] as object,
    })
  })

  it('refuses an object of a kind that nobody serves', async () => {
    await expect(at.world.client.apply(widget, at.stop.signal)).rejects.toMatchObject({
      id: 'API_REJECTED',
      message:
        'The cluster refused Widget default/one: the cluster does not serve the kind Widget of example.test/v1',
    })
  })

  it('refuses an object in a namespace that is not there', async () => {
    await expect(
      at.world.client.apply(configMap('a', { namespace: 'none' }), at.stop.signal),
    ).rejects.toMatchObject({
      id: 'API_REJECTED',
      message: 'The cluster refused ConfigMap none/a: namespaces "none" not found',
    })
  })

  it('creates an object once', async () => {
    await at.world.client.create(configMap('a'), at.stop.signal)

    await expect(at.world.client.create(configMap('a'), at.stop.signal)).rejects.toMatchObject({
      id: 'API_REJECTED',
      message: 'The cluster refused ConfigMap default/a: configmaps "a" already exists',
    })
  })

  it('says whether what it deleted was there', async () => {
    at.world.put(configMap('a'))

    expect(await at.world.client.delete({ ...maps, name: 'a' }, at.stop.signal)).toBe(true)
    expect(await at.world.client.delete({ ...maps, name: 'a' }, at.stop.signal)).toBe(false)
    expect(await at.world.client.delete({ ...widget, name: 'one' }, at.stop.signal)).toBe(false)
  })

  it('watches from what is there through every change, and returns when told to stop', async () => {
    at.world.put(configMap('a', {}, { n: '1' }))
    at.world.put({ ...pod })
    const seen: [WatchEvent['type'], string, unknown][] = []

    for await (const { type, object } of at.world.client.watch(maps, at.stop.signal)) {
      seen.push([type, object.metadata.name, object['data']])
      if (seen.length === 1) at.world.put(configMap('a', {}, { n: '2' }))
      if (seen.length === 2) at.world.put(configMap('b'))
      if (seen.length === 3) at.world.remove({ ...maps, name: 'a' })
      if (seen.length === 4) at.stop.abort()
    }

    expect(seen).toEqual([
      ['added', 'a', { n: '1' }],
      ['modified', 'a', { n: '2' }],
      ['added', 'b', {}],
      ['deleted', 'a', { n: '2' }],
    ])
  })

  it('watches one object by its name', async () => {
    at.world.put(configMap('a'))
    at.world.put(configMap('b'))

    for await (const { object } of at.world.client.watch(
      { ...maps, fieldSelector: 'metadata.name=b' },
      at.stop.signal,
    )) {
      expect(object.metadata.name).toBe('b')
      break
    }
  })

  it('watches nothing after it was told to stop', async () => {
    at.stop.abort()

    for await (const event of at.world.client.watch(maps, at.stop.signal)) expect(event).toBeUndefined()
  })

  it('ends a watch that is told to stop while it begins', async () => {
    at.world.put(configMap('a'))
    const first = at.world.client.watch(maps, at.stop.signal)[Symbol.asyncIterator]().next()
    at.stop.abort()
    expect(await first).toMatchObject({ done: true })
  })

  it('ends a watch when it is closed', async () => {
    at.world.put(configMap('a'))

    for await (const event of at.world.client.watch(maps, at.stop.signal)) {
      expect(event.type).toBe('added')
      at.world.client.close()
    }
  })

  it('reads the log so far', async () => {
    at.world.put(pod)
    at.world.setLog(['one', 'two'], false)
    const lines: string[] = []

    for await (const line of at.world.client.logs({ ...webLog, follow: false }, at.stop.signal))
      lines.push(line)

    expect(lines).toEqual(['one', 'two'])
  })

  it('follows a log until the container ends', async () => {
    at.world.put(pod)
    at.world.setLog(['one'], false)
    const lines: string[] = []

    for await (const line of at.world.client.logs({ ...webLog, follow: true }, at.stop.signal)) {
      lines.push(line)
      if (lines.length === 1) at.world.setLog(['one', 'zwölf'], false)
      if (lines.length === 2) at.world.setLog(['one', 'zwölf', 'three'], true)
    }

    expect(lines).toEqual(['one', 'zwölf', 'three'])
  })

  it('refuses the log of a container that has not started', async () => {
    at.world.put(pod)

    await expect(
      at.world.client
        .logs({ ...webLog, follow: true }, at.stop.signal)
        [Symbol.asyncIterator]()
        .next(),
    ).rejects.toMatchObject({
      id: 'API_REJECTED',
      message: expect.stringContaining('is waiting to start') as string,
    })
  })

  it('stops with the reason it was given', async () => {
    const reason = new Error('enough')
    at.stop.abort(reason)
    const { client } = at.world
    const { signal } = at.stop

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
    at.world.put(pod)
    at.world.setLog(['one'], false)
    const reason = new Error('enough')
    const lines = at.world.client.logs({ ...webLog, follow: true }, at.stop.signal)[Symbol.asyncIterator]()
    await lines.next()

    const next = lines.next()
    at.stop.abort(reason)

    await expect(next).rejects.toBe(reason)
  })

  it('answers nothing after it is closed', async () => {
    at.world.client.close()

    await expect(at.world.client.list(maps, at.stop.signal)).rejects.toMatchObject({ id: 'API_UNREACHABLE' })
  })
})
