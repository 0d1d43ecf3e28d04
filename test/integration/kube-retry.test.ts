/** The HTTPS client on a server that is busy, breaks or hangs: what is tried again, and what ends it. */
import { describe, expect, it } from 'vitest'
import { sendJson, sendStatus } from '../fakes/api-answers.ts'
import { configMap, maps, webLog, widget, widgetDefinition } from '../fakes/sample-objects.ts'
import { useStandIn } from '../fakes/use-stand-in.ts'

const { signal } = new AbortController()
const mapsPath = '/api/v1/namespaces/default/configmaps'
const a = { ...maps, name: 'a' }
const world = useStandIn()

/** For what happens by itself, on a machine that may be busy. */
const patience = { timeout: 10_000 }

describe('what is tried again', () => {
  it('waits as long as a busy server asks', async () => {
    world.standIn.intercept(`PATCH ${mapsPath}`, (response) => {
      response.writeHead(429, { 'retry-after': '1' })
      response.end()
    })
    const start = performance.now()

    await world.client.apply(configMap('a'), signal)

    expect(performance.now() - start).toBeGreaterThan(990)
    expect(world.standIn.count('PATCH')).toBe(2)
  })

  it.each([
    [503, 'ServiceUnavailable', 'the server is currently unable to handle the request'],
    [504, 'Timeout', 'request did not complete within the allotted timeout'],
    [403, 'Forbidden', 'configmaps "a" is forbidden: not yet ready to handle request'],
    [403, 'Forbidden', 'configmaps is forbidden: User "kubernetes-admin" cannot patch resource "configmaps"'],
    [500, 'InternalError', 'Internal error occurred: etcdserver: leader changed'],
  ])('a %i of a server that comes up (%s: %s)', async (code, reason, message) => {
    world.standIn.intercept(`PATCH ${mapsPath}`, (response) => {
      sendStatus(response, code, reason, message)
    })

    expect(await world.client.apply(configMap('a'), signal)).toMatchObject({ metadata: { name: 'a' } })
  })

  it.each([
    ['before the answer', (): undefined => undefined],
    [
      'in the middle of the answer',
      (write: (text: string) => void): void => {
        write('{"kind":"ConfigMap","metadata"')
      },
    ],
  ])('a connection that is cut %s', async (_when, begin) => {
    world.standIn.store.put(configMap('a'))
    world.standIn.intercept('GET', (response) => {
      begin((text) => {
        response.writeHead(200, { 'content-length': 1000 })
        response.write(text)
      })
      setTimeout(() => response.destroy(), 20)
    })

    expect(await world.client.get(a, signal)).toMatchObject({ metadata: { name: 'a' } })
    expect(await world.client.apply(configMap('b'), signal)).toMatchObject({ metadata: { name: 'b' } })
  })

  it('not a create whose connection is cut: nobody knows whether it was carried out', async () => {
    world.standIn.intercept('POST', (response) => response.destroy())

    await expect(world.client.create(configMap('a'), signal)).rejects.toMatchObject({ id: 'API_UNREACHABLE' })
    expect(world.standIn.count('POST')).toBe(1)
  })

  it('a create that a busy server has not looked at', async () => {
    world.standIn.intercept('POST', (response) => {
      sendStatus(response, 429, 'TooManyRequests', 'storage is (re)initializing')
    })

    expect(await world.client.create(configMap('a'), signal)).toMatchObject({ metadata: { name: 'a' } })
  })

  it('only until patience ends', async () => {
    const client = await world.open({ retryMs: 300 })
    world.standIn.intercept(
      'GET',
      (response) => {
        sendStatus(response, 503, 'ServiceUnavailable', 'still starting')
      },
      1000,
    )

    await expect(client.get(a, signal)).rejects.toMatchObject({
      id: 'API_REJECTED',
      message: 'The cluster refused ConfigMap default/a: still starting',
    })
    expect(world.standIn.count('GET')).toBeGreaterThan(1)
  })

  it('a custom resource whose kind is not served yet', async () => {
    world.standIn.withheld.add('example.test/v1')
    await world.client.apply(widgetDefinition, signal)
    const applied = Promise.all([
      world.client.apply(widget, signal),
      world.client.create({ ...widget, metadata: { name: 'two' } }, signal),
    ])
    await expect.poll(() => world.standIn.count('GET /apis/example.test/v1'), patience).toBeGreaterThan(1)

    world.standIn.withheld.clear()

    expect(await applied).toMatchObject([{ metadata: { name: 'one' } }, { metadata: { name: 'two' } }])
  })

  it('a custom resource that is discovered before it is served', async () => {
    await world.client.apply(widgetDefinition, signal)
    world.standIn.intercept(
      'PATCH /apis/example.test',
      (response) => {
        response.writeHead(404, { 'content-type': 'text/plain' })
        response.end('404 page not found\n')
      },
      2,
    )

    expect(await world.client.apply(widget, signal)).toMatchObject({ metadata: { name: 'one' } })
  })

  it('asks once for a group version that many objects wait for', async () => {
    await world.client.apply(widgetDefinition, signal)
    const names = Array.from({ length: 20 }, (_, index) => `widget-${String(index)}`)

    await Promise.all(names.map((name) => world.client.apply({ ...widget, metadata: { name } }, signal)))

    expect(world.standIn.count('GET /apis/example.test/v1')).toBe(1)
  })
})

describe('an abort', () => {
  it.each([
    ['get', (at: AbortSignal) => world.client.get(a, at)],
    ['list', (at: AbortSignal) => world.client.list(maps, at)],
    ['apply', (at: AbortSignal) => world.client.apply(configMap('a'), at)],
    ['create', (at: AbortSignal) => world.client.create(configMap('a'), at)],
    ['delete', (at: AbortSignal) => world.client.delete(a, at)],
    ['ready', (at: AbortSignal) => world.client.ready(at)],
    ['discovery', (at: AbortSignal) => world.client.apply(widget, at)],
    [
      'logs',
      (at: AbortSignal) =>
        world.client
          .logs({ ...webLog, follow: true }, at)
          [Symbol.asyncIterator]()
          .next(),
    ],
  ])('ends a %s that hangs, with its reason', async (_verb, request) => {
    const stop = new AbortController()
    const reason = new Error('enough')
    world.standIn.intercept('', () => {
      stop.abort(reason)
    })

    await expect(request(stop.signal)).rejects.toBe(reason)
  })

  it('ends the wait before another try', async () => {
    const stop = new AbortController()
    const reason = new Error('enough')
    world.standIn.intercept('GET', (response) => {
      response.writeHead(429, { 'retry-after': '5' })
      response.end(() =>
        setTimeout(() => {
          stop.abort(reason)
        }, 50),
      )
    })

    await expect(world.client.get(a, stop.signal)).rejects.toBe(reason)
  })

  it('of one caller leaves others that wait for the same discovery alone', async () => {
    await world.client.apply(widgetDefinition, signal)
    const stop = new AbortController()
    world.standIn.intercept('GET /apis/example.test/v1', (response) => {
      stop.abort(new Error('enough'))
      setTimeout(() => {
        sendJson(response, 200, { resources: [{ name: 'widgets', kind: 'Widget', namespaced: true }] })
      }, 50)
    })
    const [first, second] = await Promise.allSettled([
      world.client.apply(widget, stop.signal),
      world.client.apply(widget, signal),
    ])

    expect([first.status, second.status]).toEqual(['rejected', 'fulfilled'])
  })

  it('by many requests on one signal raises no warning of a leak', async () => {
    const warnings: Error[] = []
    const hear = (warning: Error): unknown => warnings.push(warning)
    process.on('warning', hear)
    const stop = new AbortController()

    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        world.client.apply(configMap(`m${String(index)}`), stop.signal),
      ),
    )
    await new Promise((resolve) => setImmediate(resolve))

    process.off('warning', hear)
    expect(warnings).toEqual([])
  })
})

describe('long lists', () => {
  it('are read to the last page', async () => {
    const names = Array.from({ length: 1203 }, (_, index) => `map-${String(index)}`)
    for (const name of names) world.standIn.store.put(configMap(name))

    const found = await world.client.list(maps, signal)

    expect(found.map(({ metadata }) => metadata.name)).toEqual(names)
    expect(world.standIn.count('GET')).toBe(3)
  })

  it('are read in one page when a later page is too old', async () => {
    for (let index = 0; index < 600; index += 1) world.standIn.store.put(configMap(`map-${String(index)}`))
    world.standIn.intercept(`GET ${mapsPath}?limit=500&continue`, (response) => {
      sendStatus(response, 410, 'Expired', 'The provided continue parameter is too old')
    })

    expect(await world.client.list(maps, signal)).toHaveLength(600)
    expect(world.standIn.requests.map(({ query }) => query.get('limit'))).toEqual(['500', '500', null])
  })
})
