import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { EngineStory } from '../../../src/pulumi/engine-events.ts'
import { createStackRunner, listener, type StackRunnerOptions } from '../../../src/pulumi/stack-runner.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'
import { FakeProcess } from '../../fakes/fake-process.ts'
import { RecordingReporter } from '../../fakes/recording-reporter.ts'

let folder: string
let clock: FakeClock
let options: StackRunnerOptions

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'play-stack-'))
  clock = new FakeClock()
  options = {
    playground: 'dev',
    folder,
    pulumi: { path: '/bundle/pulumi', version: '3.259.0', origin: 'bundle' },
    launcherFolder: '/play/bin',
    env: {},
    processes: new FakeProcess(),
    clock,
    newPassphrase: () => 'secret',
    lockOwnerIsDead: () => Promise.resolve(true),
  }
})
afterEach(() => rm(folder, { recursive: true }))

async function writeState(text: string): Promise<void> {
  const stacks = join(folder, 'backend', '.pulumi', 'stacks', 'play')
  await mkdir(stacks, { recursive: true })
  await writeFile(join(stacks, 'dev.json'), text)
}

describe('the resources that the state on disk names', () => {
  test('are unknown without a stack, and nothing is started to find out', async () => {
    expect(await createStackRunner(options).resources()).toBeUndefined()
  })

  test('are read from the file', async () => {
    const urn = 'urn:pulumi:dev::play::play:index:KindCluster::cluster'
    const resources = [
      {
        urn: 'urn:pulumi:dev::play::pulumi:pulumi:Stack::play-dev',
        type: 'pulumi:pulumi:Stack',
        custom: false,
      },
      { urn, type: 'play:index:KindCluster', id: 'play-dev', custom: true, outputs: { name: 'play-dev' } },
    ]
    await writeState(JSON.stringify({ version: 3, checkpoint: { latest: { resources } } }))
    expect(await createStackRunner(options).resources()).toEqual([
      { urn: 'urn:pulumi:dev::play::pulumi:pulumi:Stack::play-dev', type: 'pulumi:pulumi:Stack' },
      { urn, type: 'play:index:KindCluster', id: 'play-dev' },
    ])
  })

  test('were left unfinished by an engine that was killed, until a later run has made them', async () => {
    const urn = 'urn:pulumi:dev::play::play:index:KindCluster::cluster'
    const resource = { urn, type: 'play:index:KindCluster' }
    const pending = [{ type: 'creating', resource }]
    const write = (resources: unknown[]): Promise<void> =>
      writeState(JSON.stringify({ checkpoint: { latest: { resources, pending_operations: pending } } }))
    await write([])
    expect(await createStackRunner(options).leftUnfinished()).toBe(true)
    await write([resource])
    expect(await createStackRunner(options).leftUnfinished()).toBe(false)
  })

  test('[row 42] are unfinished as well where a creation failed and left something', async () => {
    const urn = 'urn:pulumi:dev::play::play:index:KindCluster::cluster'
    const resources = [{ urn, type: 'play:index:KindCluster', id: 'play-dev', initErrors: ['no space left'] }]
    await writeState(JSON.stringify({ checkpoint: { latest: { resources } } }))
    expect(await createStackRunner(options).leftUnfinished()).toBe(true)
  })

  test('are none in a stack that never ran', async () => {
    await writeState(
      JSON.stringify({ version: 3, checkpoint: { stack: 'organization/play/dev', latest: null } }),
    )
    expect(await createStackRunner(options).resources()).toEqual([])
  })

  test.each(['', '{"version": 3, "checkp'])(
    'are an error, never none, in a file that was cut short: %j',
    async (text) => {
      await writeState(text)
      await expect(createStackRunner(options).resources()).rejects.toMatchObject({
        id: 'STACK_FAILED',
        suggestions: ['play down dev'],
      })
    },
  )
})

test('destroying a stack that is not there is fine and runs nothing', async () => {
  const { signal } = new AbortController()
  await createStackRunner(options).destroy({ signal, report: new RecordingReporter() })
})

describe('an engine that reported an error', () => {
  const info = { diagnosticEvent: { message: 'working', color: 'never', severity: 'info' } }
  const failed = { diagnosticEvent: { message: 'error: no plug-in', color: 'never', severity: 'error' } }
  let watchdog: AbortController
  let over: AbortController
  let tell: (event: object) => void

  beforeEach(() => {
    watchdog = new AbortController()
    over = new AbortController()
    const story: EngineStory = { errors: [], lines: [] }
    const run = { signal: over.signal, report: new RecordingReporter() }
    const listen = listener(options, story, run, watchdog, AbortSignal.any([over.signal, watchdog.signal]))
    tell = (event) => {
      listen({ sequence: 1, timestamp: 0, ...event })
    }
  })

  test('and then fell silent is ended after half a minute', async () => {
    tell(failed)
    await clock.advance(29_999)
    expect(watchdog.signal.aborted).toBe(false)
    await clock.advance(1)
    expect(watchdog.signal.aborted).toBe(true)
    expect(String(watchdog.signal.reason)).toContain('fell silent')
  })

  test('and goes on talking is left alone', async () => {
    tell(failed)
    for (let minute = 0; minute < 5; minute += 1) {
      await clock.advance(20_000)
      tell(info)
    }
    expect(watchdog.signal.aborted).toBe(false)
    expect(clock.sleeping).toBe(1)
  })

  test('is no longer watched once the run is over', async () => {
    tell(failed)
    over.abort()
    await clock.advance(60_000)
    expect(watchdog.signal.aborted).toBe(false)
    expect(clock.sleeping).toBe(0)
  })

  test('is watched for silence only then: a slow one without errors may take its time', async () => {
    tell(info)
    await clock.advance(3_600_000)
    expect(watchdog.signal.aborted).toBe(false)
  })
})
