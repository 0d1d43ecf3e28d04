/** The HTTPS client on a server that refuses or is not there: what a person sees, and what is left open. */
import { writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sendJson, sendStatus } from '../fakes/api-answers.ts'
import { configMap, maps, pod, webLog } from '../fakes/sample-objects.ts'
import { testOnlyTls, testOnlyToken } from '../fakes/test-only-tls.ts'
import { useStandIn } from '../fakes/use-stand-in.ts'

const { signal } = new AbortController()
const mapsPath = '/api/v1/namespaces/default/configmaps'
const a = { ...maps, name: 'a' }
const world = useStandIn()

/** For what happens by itself, on a machine that may be busy. */
const patience = { timeout: 10_000 }

describe('credentials', () => {
  it('reads certificates from files beside the kubeconfig', async () => {
    for (const name of ['ca.crt', 'client.crt', 'client.key'])
      await writeFile(join(world.folder, name), testOnlyTls(name))
    await world.standIn.writeKubeconfig({
      cluster: { 'certificate-authority-data': undefined, 'certificate-authority': 'ca.crt' },
      user: {
        'client-certificate-data': undefined,
        'client-key-data': undefined,
        'client-certificate': 'client.crt',
        'client-key': join(world.folder, 'client.key'),
      },
    })

    expect(await (await world.open()).list(maps, signal)).toEqual([])
  })

  it('sends a token where there is no certificate', async () => {
    const none = { 'client-certificate-data': undefined, 'client-key-data': undefined }
    await world.standIn.writeKubeconfig({ user: { ...none, token: testOnlyToken } })

    expect(await (await world.open()).list(maps, signal)).toEqual([])
  })

  it('is refused without a certificate', async () => {
    const none = { 'client-certificate-data': undefined, 'client-key-data': undefined }
    await world.standIn.writeKubeconfig({ user: none })

    await expect((await world.open()).list(maps, signal)).rejects.toMatchObject({
      id: 'API_REJECTED',
      message: 'The cluster refused ConfigMap default: Unauthorized',
    })
  })

  it('does not talk to a server with a certificate of another CA', async () => {
    const other = Buffer.from(testOnlyTls('other-ca.crt')).toString('base64')
    await world.standIn.writeKubeconfig({ cluster: { 'certificate-authority-data': other } })
    const stranger = await world.open()

    await expect(stranger.list(maps, signal)).rejects.toMatchObject({
      id: 'API_UNREACHABLE',
      message: expect.stringContaining('its certificate is not trusted by the kubeconfig') as string,
    })
    await expect(stranger.ready(signal)).rejects.toMatchObject({ id: 'API_UNREACHABLE' })
    expect(world.standIn.requests).toEqual([])
  })

  it.each([
    ['a user that logs in by a program', { user: { exec: { command: 'helper' } } }, 'logs in by "exec"'],
    ['a proxy', { cluster: { 'proxy-url': 'http://proxy' } }, 'needs a proxy'],
    ['a broken key', { user: { 'client-key-data': 'AAAA' } }, 'certificates cannot be used'],
  ])('refuses a kubeconfig with %s', async (_what, changes, reason) => {
    await world.standIn.writeKubeconfig(changes)

    await expect(world.open()).rejects.toMatchObject({
      id: 'KUBECONFIG_DAMAGED',
      message: expect.stringContaining(reason) as string,
    })
  })
})

describe('connections', () => {
  it('sends requests one after the other on one connection', async () => {
    for (let request = 0; request < 20; request += 1) await world.client.get(a, signal)

    expect(world.standIn.connections).toBe(1)
  })

  it('sends many requests at once on at most 16 connections, and watches beside them', async () => {
    world.standIn.store.put(configMap('a'))
    const stop = new AbortController()
    const watches = Array.from({ length: 20 }, () =>
      world.client.watch(maps, stop.signal)[Symbol.asyncIterator](),
    )
    await Promise.all(watches.map((watch) => watch.next()))
    const before = world.standIn.connections

    const names = Array.from({ length: 100 }, (_, index) => `map-${String(index)}`)
    await Promise.all(names.map((name) => world.client.apply(configMap(name), signal)))

    expect(world.standIn.store.list(maps, maps)).toHaveLength(101)
    expect(world.standIn.connections - before).toBeLessThanOrEqual(16)
    stop.abort()
    for (const watch of watches) await watch.return?.()
  })

  it('leaves nothing open after it is closed', async () => {
    world.standIn.store.put(configMap('a'))
    world.standIn.store.put(pod)
    world.standIn.store.setLog('default', 'web', 'main', { lines: ['one'], ended: false })
    const watch = world.client.watch(maps, signal)[Symbol.asyncIterator]()
    const log = world.client.logs({ ...webLog, follow: true }, signal)[Symbol.asyncIterator]()
    await Promise.all([watch.next(), log.next(), world.client.list(maps, signal)])
    const nextLine = log.next()

    world.client.close()

    expect(await watch.next()).toMatchObject({ done: true })
    await expect(nextLine).rejects.toMatchObject({ id: 'API_UNREACHABLE' })
    await expect.poll(() => world.standIn.openConnections(), patience).toBe(0)
    expect(process.getActiveResourcesInfo().filter((name) => name === 'TLSWRAP')).toEqual([])
  })
})

describe('refusals', () => {
  it.each([
    [409, 'Conflict', 'Operation cannot be fulfilled on configmaps "a"'],
    [422, 'Invalid', 'ConfigMap "a" is invalid: metadata.labels: Invalid value'],
    [403, 'Forbidden', 'configmaps is forbidden: User "someone" cannot patch resource'],
    [400, 'BadRequest', 'request is bad'],
  ])('tells a %i in the words of the server, and does not ask twice', async (code, reason, message) => {
    world.standIn.intercept(`PATCH ${mapsPath}`, (response) => {
      sendStatus(response, code, reason, message)
    })

    await expect(world.client.apply(configMap('a'), signal)).rejects.toMatchObject({
      id: 'API_REJECTED',
      message: `The cluster refused ConfigMap default/a: ${message}`,
      cause: { status: code, reason },
    })
    expect(world.standIn.count('PATCH')).toBe(1)
  })

  it('finds the words in a page of HTML', async () => {
    world.standIn.intercept('GET', (response) => {
      response.writeHead(418, { 'content-type': 'text/html' })
      response.end('<html><style>b{}</style><body><h1>I am</h1>\n<b>a teapot</b></body></html>')
    })

    await expect(world.client.get(a, signal)).rejects.toMatchObject({
      message: 'The cluster refused ConfigMap default/a: I am a teapot',
    })
  })

  it('names the status when there are no words', async () => {
    world.standIn.intercept('GET', (response) => {
      response.writeHead(418)
      response.end()
    })

    await expect(world.client.get(a, signal)).rejects.toMatchObject({
      message: expect.stringContaining("418 I'm a Teapot") as string,
    })
  })

  it.each([
    ['text', 'hello'],
    ['another JSON', '[]'],
    ['null', 'null'],
  ])('takes an answer that is %s for no API server', async (_what, text) => {
    world.standIn.intercept('GET', (response) => response.end(text), 2)

    await expect(world.client.get(a, signal)).rejects.toMatchObject({ id: 'API_UNREACHABLE' })
    await expect(world.client.list(maps, signal)).rejects.toMatchObject({ id: 'API_UNREACHABLE' })
  })
})

describe('nobody there', () => {
  it('is not ready, and says why a request failed', async () => {
    const client = await world.open({ retryMs: 50 })
    await world.standIn.close()

    expect(await client.ready(signal)).toBe(false)
    await expect(client.get(a, signal)).rejects.toMatchObject({
      id: 'API_UNREACHABLE',
      message: `The cluster's API at ${client.server} does not answer: connection refused`,
    })
  })

  it('is not ready while the server says so', async () => {
    world.standIn.intercept('GET /readyz', (response) => {
      response.writeHead(500)
      response.end('[-]poststarthook/rbac/bootstrap-roles failed: not finished')
    })

    expect(await world.client.ready(signal)).toBe(false)
    expect(await world.client.ready(signal)).toBe(true)
  })

  it('gives up on a server that accepts and says nothing', async () => {
    const client = await world.open({ requestMs: 100, readyMs: 100 })
    world.standIn.intercept('GET', () => undefined, 3)

    expect(await client.ready(signal)).toBe(false)
    await expect(client.get(a, signal)).rejects.toMatchObject({
      id: 'API_UNREACHABLE',
      message: expect.stringContaining('no answer within 0.1 s') as string,
    })
    await expect(
      client
        .logs({ ...webLog, follow: true }, signal)
        [Symbol.asyncIterator]()
        .next(),
    ).rejects.toMatchObject({ id: 'API_UNREACHABLE' })
  })

  it('does not count the wait for a connection as silence', async () => {
    // Eight rounds on 16 connections take longer than one request may.
    const client = await world.open({ requestMs: 1500 })
    const answer = (response: ServerResponse): void => {
      setTimeout(() => {
        sendJson(response, 200, configMap('a'))
      }, 200)
    }
    world.standIn.intercept('GET', answer, 128)

    const answers = await Promise.all(Array.from({ length: 128 }, () => client.get(a, signal)))

    expect(answers).toHaveLength(128)
  })
})
