import { describe, expect, test } from 'vitest'
import { createBrowser, type BrowserSettings } from '../../../src/adapters/browser.ts'
import type { ProcessCall } from '../../fakes/fake-process.ts'
import type { ProcessRunner } from '../../../src/domain/ports.ts'

const url = 'http://127.0.0.1:4242/a?b=1&c=2'
const { signal } = new AbortController()

function browser(
  facts: Partial<BrowserSettings>,
  exitCode = 0,
): { calls: ProcessCall[]; open: () => Promise<boolean> } {
  const calls: ProcessCall[] = []
  const processes: ProcessRunner = {
    run: (file, args, options) => {
      calls.push({ command: [file, ...args], options })
      return exitCode < 0
        ? Promise.reject(new Error('not there'))
        : Promise.resolve({ exitCode, stdout: '', stderr: '' })
    },
  }
  const port = createBrowser({
    env: { DISPLAY: ':0' },
    platform: 'linux',
    isTerminal: true,
    ...facts,
    processes,
  })
  return { calls, open: () => port.open(url, signal) }
}

describe('a browser', () => {
  test.each([
    ['linux', 'sh'],
    ['darwin', 'open'],
    ['win32', 'rundll32'],
  ])('is opened on %s by %s, with the address as one word', async (platform, file) => {
    const { calls, open } = browser({ platform })
    expect(await open()).toBe(true)
    expect(calls).toHaveLength(1)
    expect(calls[0]?.command[0]).toBe(file)
    expect(calls[0]?.command.at(-1)).toBe(url)
  })

  test.each<[string, Partial<BrowserSettings>]>([
    ['in a pipe', { isTerminal: false }],
    ['in CI', { env: { DISPLAY: ':0', CI: 'true' } }],
    ['over SSH', { platform: 'darwin', env: { SSH_CONNECTION: '1' } }],
    ['on Linux without a screen', { env: {} }],
  ])('is left alone %s', async (_where, facts) => {
    const { calls, open } = browser(facts)
    expect(await open()).toBe(false)
    expect(calls).toEqual([])
  })

  test.each<[string, Partial<BrowserSettings>]>([
    ['over SSH with a display', { env: { SSH_TTY: '/dev/pts/1', DISPLAY: 'localhost:10.0' } }],
    ['on Wayland', { env: { WAYLAND_DISPLAY: 'wayland-0' } }],
    ['in the Windows Subsystem for Linux', { env: { WSL_DISTRO_NAME: 'Debian' } }],
    ['where CI says no', { env: { DISPLAY: ':0', CI: 'false' } }],
  ])('is opened %s', async (_where, facts) => {
    expect(await browser(facts).open()).toBe(true)
  })

  test.each([1, -1])('that cannot be opened is no error', async (exitCode) => {
    expect(await browser({}, exitCode).open()).toBe(false)
  })
})
