/** Commands in containers over a real WebSocket: refusals, retries, cut connections, and what is left open. */
import { describe, expect, it } from 'vitest'
import { createClusterClients } from '../../src/adapters/kube/cluster-client.ts'
import { StoreRefusal } from '../fakes/object-store.ts'
import { inWeb, pod } from '../fakes/sample-objects.ts'
import { testOnlyToken } from '../fakes/test-only-tls.ts'
import { useStandIn } from '../fakes/use-stand-in.ts'

const { signal } = new AbortController()
const world = useStandIn()
const run = { ...inWeb, command: ['true'] }

/** For what happens by itself, on a machine that may be busy. */
const patience = { timeout: 10_000 }

function answerAll(): void {
  world.standIn.store.put(pod)
  world.standIn.pods.onExec = () => ({ stdout: 'done' })
}

describe('the handshake', () => {
  it('names container, command and streams, and asks for stdin only where there is some', async () => {
    answerAll()

    await world.client.exec({ ...inWeb, command: ['echo', 'a b'] }, signal)
    await world.client.exec({ ...run, stdin: 'x' }, signal)

    const path = 'GET /api/v1/namespaces/default/pods/web/exec?container=main&stdout=true&stderr=true'
    expect(world.standIn.pods.handshakes).toEqual([
      `${path}&command=echo&command=a+b`,
      `${path}&stdin=true&command=true`,
    ])
  })

  it('goes below the path of a server that has one, with a token', async () => {
    answerAll()
    const none = { 'client-certificate-data': undefined, 'client-key-data': undefined }
    await world.standIn.writeKubeconfig({ user: { ...none, token: testOnlyToken } })
    const { access } = world.standIn
    const client = await createClusterClients().open({
      ...access,
      server: `${access.server}/k8s/clusters/c-1/`,
    })

    expect(await client.exec(run, signal)).toMatchObject({ stdout: 'done' })
    expect(world.standIn.pods.handshakes[0]).toMatch(/^GET \/k8s\/clusters\/c-1\/api\/v1\//)
    client.close()
  })

  it('tells a refusal in the words of the server', async () => {
    world.standIn.pods.refusals.push(new StoreRefusal(403, 'Forbidden', 'you may not exec'))

    await expect(world.client.exec(run, signal)).rejects.toMatchObject({
      id: 'API_REJECTED',
      message: 'The cluster refused Pod default/web: you may not exec',
      cause: { status: 403, reason: 'Forbidden' },
    })
  })

  it('tries again where the server is too busy to begin', async () => {
    answerAll()
    world.standIn.pods.refusals.push(
      new StoreRefusal(503, 'ServiceUnavailable', 'apiserver is shutting down'),
    )

    expect(await world.client.exec(run, signal)).toMatchObject({ stdout: 'done' })
    expect(world.standIn.pods.handshakes).toHaveLength(2)
  })

  it('gives up on a server that says nothing', async () => {
    world.standIn.pods.isMute = true
    const client = await world.open({ requestMs: 100 })

    await expect(client.exec(run, signal)).rejects.toMatchObject({
      id: 'API_UNREACHABLE',
      message: expect.stringContaining('no answer within 0.1 s') as string,
    })
    await expect.poll(() => world.standIn.openConnections(), patience).toBe(0)
  })

  it('is told to stop while the server says nothing', async () => {
    world.standIn.pods.isMute = true
    const stop = new AbortController()
    const reason = new Error('enough')
    const running = world.client.exec(run, stop.signal)
    const failure = expect(running).rejects.toBe(reason)
    await expect.poll(() => world.standIn.pods.handshakes, patience).toHaveLength(1)
    stop.abort(reason)

    await failure
    await expect.poll(() => world.standIn.openConnections(), patience).toBe(0)
  })

  it('says that nobody is there', async () => {
    await world.standIn.close()

    await expect(world.client.exec(run, signal)).rejects.toMatchObject({
      id: 'API_UNREACHABLE',
      message: expect.stringContaining('connection refused') as string,
    })
  })
})

describe('the command', () => {
  it('leaves nothing open when it has ended', async () => {
    answerAll()

    await world.client.exec(run, signal)

    await expect.poll(() => world.standIn.openConnections(), patience).toBe(0)
  })

  it('is refused with the words of the runtime when it cannot be started', async () => {
    world.standIn.store.put(pod)
    world.standIn.pods.onExec = () => {
      throw new Error('exec failed: "nope": executable file not found in $PATH')
    }

    await expect(world.client.exec(run, signal)).rejects.toMatchObject({
      id: 'API_REJECTED',
      message: expect.stringContaining('executable file not found') as string,
    })
  })

  it('need not read what it is sent', async () => {
    answerAll()
    world.standIn.pods.ignoresStdin = true

    expect(await world.client.exec({ ...run, stdin: Buffer.alloc(8_000_000) }, signal)).toMatchObject({
      stdout: 'done',
    })
  })

  it('is not run again when the connection is cut, as it may have run', async () => {
    world.standIn.store.put(pod)
    let runs = 0
    world.standIn.pods.onExec = () => {
      runs += 1
      world.standIn.cutConnections()
      return new Promise(() => undefined)
    }

    await expect(world.client.exec(run, signal)).rejects.toMatchObject({
      id: 'API_UNREACHABLE',
      message: expect.stringContaining('the connection was cut') as string,
    })
    expect(runs).toBe(1)
  })
})
