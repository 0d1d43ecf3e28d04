/** What every ClusterClient promises of commands in containers, held against the real adapter and the fake cluster. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inWeb, pod } from '../fakes/sample-objects.ts'
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

  it('runs a command in a container, words with blanks and signs included', async () => {
    world.put(pod)
    const seen: unknown[] = []
    world.setExec(({ stdin, ...call }) => {
      seen.push(call, stdin)
      return { stdout: 'grüße 🌍\n'.repeat(2000), stderr: 'a warning\n' }
    })
    const command = ['sh', '-c', 'echo "a b" & + %20 ü']

    const result = await world.client.exec({ ...inWeb, command }, stop.signal)

    expect(result).toEqual({ exitCode: 0, stdout: 'grüße 🌍\n'.repeat(2000), stderr: 'a warning\n' })
    expect(seen).toEqual([{ ...inWeb, command }, undefined])
  })

  it.each([
    ['4 MB', Buffer.alloc(4_000_001, 'zwölf Boxkämpfer ')],
    ['text', 'zwölf\n'],
    ['nothing at all', ''],
  ])('sends a command %s to read, whole', async (_what, stdin) => {
    world.put(pod)
    let read: Buffer | undefined
    world.setExec((call) => {
      read = call.stdin
      return {}
    })

    await world.client.exec({ ...inWeb, command: ['cat'], stdin }, stop.signal)

    expect(read?.equals(Buffer.from(stdin))).toBe(true)
  })

  it('answers the exit code of a command that failed, and what it wrote', async () => {
    world.put(pod)
    world.setExec(() => ({ exitCode: 42, stdout: 'half', stderr: 'no such file' }))

    expect(await world.client.exec({ ...inWeb, command: ['cat', 'x'] }, stop.signal)).toEqual({
      exitCode: 42,
      stdout: 'half',
      stderr: 'no such file',
    })
  })

  it('refuses a command in a pod that is not there', async () => {
    await expect(world.client.exec({ ...inWeb, command: ['true'] }, stop.signal)).rejects.toMatchObject({
      id: 'API_REJECTED',
      message: 'The cluster refused Pod default/web: pods "web" not found',
    })
  })

  it('stops waiting for a command with the reason it was given', async () => {
    world.put(pod)
    const started = new Promise<void>((resolve) => {
      world.setExec(() => {
        resolve()
        return new Promise(() => undefined)
      })
    })
    const reason = new Error('enough')
    const running = world.client.exec({ ...inWeb, command: ['sleep', '1d'] }, stop.signal)
    void started.then(() => {
      stop.abort(reason)
    })

    await expect(running).rejects.toBe(reason)
  })

  it('ends a command when it is closed', async () => {
    world.put(pod)
    world.setExec(() => {
      world.client.close()
      return new Promise(() => undefined)
    })

    await expect(
      world.client.exec({ ...inWeb, command: ['sleep', '1d'] }, stop.signal),
    ).rejects.toMatchObject({
      id: 'API_UNREACHABLE',
    })
  })

  it('starts nothing after it was told to stop', async () => {
    const reason = new Error('enough')
    stop.abort(reason)

    await expect(world.client.exec({ ...inWeb, command: ['true'] }, stop.signal)).rejects.toBe(reason)
    await expect(world.client.forward({ ...inWeb, port: 80 }, stop.signal)).rejects.toBe(reason)
  })

  it('starts nothing after it is closed', async () => {
    world.client.close()
    const refusal = { id: 'API_UNREACHABLE' }

    await expect(world.client.exec({ ...inWeb, command: ['true'] }, stop.signal)).rejects.toMatchObject(
      refusal,
    )
    await expect(world.client.forward({ ...inWeb, port: 80 }, stop.signal)).rejects.toMatchObject(refusal)
  })
})
