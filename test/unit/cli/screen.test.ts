import { expect, test } from 'vitest'
import type { OutputMode } from '../../../src/cli/output-mode.ts'
import { openScreen } from '../../../src/cli/screen.ts'
import type { RunEvent } from '../../../src/engine/events.ts'
import { runs } from '../../fixtures/runs/runs.ts'

/** What is written while a run is told from its first event to its last. */
async function told(mode: OutputMode, logs: boolean): Promise<{ stdout: string; stderr: string }> {
  const written = { stdout: '', stderr: '' }
  const stream = (name: 'stdout' | 'stderr'): NodeJS.WriteStream => {
    const write = (text: string): boolean => {
      written[name] += text
      return true
    }
    return { isTTY: true, columns: 80, rows: 24, write } as unknown as NodeJS.WriteStream
  }
  const screen = await openScreen(mode, {
    stdin: { isTTY: false } as unknown as NodeJS.ReadStream,
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    env: { NO_COLOR: '1', TERM: 'xterm' },
    platform: 'linux',
    yes: false,
  })
  const renderer = screen.newRenderer({ logs })
  const events: readonly RunEvent[] = await runs.pipeline()
  for (const event of events) renderer.onEvent(event)
  await renderer.close()
  return written
}

const log = 'GET / answers 200'

test.each(['tty', 'plain'] as const)('%s tells the logs of tasks as lines when asked', async (mode) => {
  const { stdout, stderr } = await told(mode, true)
  expect(stderr).toContain(`smoke   │ ${log}`)
  expect(stderr).not.toContain('\u001B')
  expect(stdout).toBe('')
  expect((await told(mode, false)).stderr).not.toContain(log)
})

test.each(['ndjson', 'json'] as const)('%s is the same with logs as without', async (mode) => {
  expect(await told(mode, true)).toEqual(await told(mode, false))
})
