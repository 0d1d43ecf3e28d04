import { PassThrough } from 'node:stream'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { whenAbandoned, type Abandonment } from '../../../src/cli/abandoned.ts'

let watched: Abandonment | undefined
afterEach(() => watched?.close())

function watch(facts: { stdin?: PassThrough; isPipe?: boolean; parent?: () => number }): Abandonment {
  watched = whenAbandoned({ stdin: new PassThrough(), isPipe: false, parent: () => 1, everyMs: 5, ...facts })
  return watched
}

describe('a command that stays for a script', () => {
  test('is no longer wanted when its standard input ends', async () => {
    const stdin = new PassThrough()
    const { signal } = watch({ stdin, isPipe: true })
    expect(signal.aborted).toBe(false)
    stdin.end()
    await vi.waitFor(() => {
      expect(signal.reason).toMatchObject({ id: 'CANCELLED' })
    })
  })

  test('stays where there was no standard input to begin with', async () => {
    const stdin = new PassThrough()
    stdin.end()
    stdin.resume()
    const { signal } = watch({ stdin })
    await new Promise((resolve) => stdin.once('close', resolve))
    expect(signal.aborted).toBe(false)
  })

  test('is no longer wanted when the process that started it has ended', async () => {
    let parent = 4242
    const { signal } = watch({ parent: () => parent })
    parent = 1
    await vi.waitFor(() => {
      expect(signal.aborted).toBe(true)
    })
  })

  test('no longer listens once it is closed', () => {
    const stdin = new PassThrough()
    const { signal } = watch({ stdin, isPipe: true })
    watched?.close()
    stdin.emit('end')
    expect(signal.aborted).toBe(false)
    expect(stdin.isPaused()).toBe(true)
  })
})
