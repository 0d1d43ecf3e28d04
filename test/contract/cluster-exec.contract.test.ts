/** What every ClusterClient promises of commands in containers, held against the real adapter and the fake cluster. */
import { expect, it } from 'vitest'
import { inWeb, pod } from '../fakes/sample-objects.ts'
import { inBothWorlds } from './cluster-worlds.ts'

inBothWorlds((at) => {
  it('runs a command in a container, words with blanks and signs included', async () => {
    at.world.put(pod)
    const seen: unknown[] = []
    at.world.setExec(({ stdin, ...call }) => {
      seen.push(call, stdin)
      return { stdout: 'grüße 🌍\n'.repeat(2000), stderr: 'a warning\n' }
    })
    const command = ['sh', '-c', 'echo "a b" & + %20 ü']

    const result = await at.world.client.exec({ ...inWeb, command }, at.stop.signal)

    expect(result).toEqual({ exitCode: 0, stdout: 'grüße 🌍\n'.repeat(2000), stderr: 'a warning\n' })
    expect(seen).toEqual([{ ...inWeb, command }, undefined])
  })

  it.each([
    ['4 MB', Buffer.alloc(4_000_001, 'zwölf Boxkämpfer ')],
    ['text', 'zwölf\n'],
    ['nothing at all', ''],
  ])('sends a command %s to read, whole', async (_what, stdin) => {
    at.world.put(pod)
    let read: Buffer | undefined
    at.world.setExec((call) => {
      read = call.stdin
      return {}
    })

    await at.world.client.exec({ ...inWeb, command: ['cat'], stdin }, at.stop.signal)

    expect(read?.equals(Buffer.from(stdin))).toBe(true)
  })

  it('answers the exit code of a command that failed, and what it wrote', async () => {
    at.world.put(pod)
    at.world.setExec(() => ({ exitCode: 42, stdout: 'half', stderr: 'no such file' }))

    expect(await at.world.client.exec({ ...inWeb, command: ['cat', 'x'] }, at.stop.signal)).toEqual({
      exitCode: 42,
      stdout: 'half',
      stderr: 'no such file',
    })
  })

  it('refuses a command in a pod that is not there', async () => {
    await expect(at.world.client.exec({ ...inWeb, command: ['true'] }, at.stop.signal)).rejects.toMatchObject(
      {
        id: 'API_REJECTED',
        message: 'The cluster refused Pod default/web: pods "web" not found',
      },
    )
  })

  it('stops waiting for a command with the reason it was given', async () => {
    at.world.put(pod)
    const started = new Promise<void>((resolve) => {
      at.world.setExec(() => {
        resolve()
        return new Promise(() => undefined)
      })
    })
    const reason = new Error('enough')
    const running = at.world.client.exec({ ...inWeb, command: ['sleep', '1d'] }, at.stop.signal)
    void started.then(() => {
      at.stop.abort(reason)
    })

    await expect(running).rejects.toBe(reason)
  })

  it('ends a command when it is closed', async () => {
    at.world.put(pod)
    at.world.setExec(() => {
      at.world.client.close()
      return new Promise(() => undefined)
    })

    await expect(
      at.world.client.exec({ ...inWeb, command: ['sleep', '1d'] }, at.stop.signal),
    ).rejects.toMatchObject({
      id: 'API_UNREACHABLE',
    })
  })

  it('starts nothing after it was told to stop', async () => {
    const reason = new Error('enough')
    at.stop.abort(reason)

    await expect(at.world.client.exec({ ...inWeb, command: ['true'] }, at.stop.signal)).rejects.toBe(reason)
    await expect(at.world.client.forward({ ...inWeb, port: 80 }, at.stop.signal)).rejects.toBe(reason)
  })

  it('starts nothing after it is closed', async () => {
    at.world.client.close()
    const refusal = { id: 'API_UNREACHABLE' }

    await expect(at.world.client.exec({ ...inWeb, command: ['true'] }, at.stop.signal)).rejects.toMatchObject(
      refusal,
    )
    await expect(at.world.client.forward({ ...inWeb, port: 80 }, at.stop.signal)).rejects.toMatchObject(
      refusal,
    )
  })
})
