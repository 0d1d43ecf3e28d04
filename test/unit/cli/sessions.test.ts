import { beforeEach, describe, expect, test } from 'vitest'
import { createSessions, type EventLog, type Sessions } from '../../../src/cli/sessions.ts'
import { PlayError } from '../../../src/domain/errors.ts'
import { createEmitter, type Emit, type RunEvent } from '../../../src/engine/events.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'

let drawn: string[]
let logged: string[]
let opened: string[]
let asked: unknown[]
let openLog: (subject: string, run: string) => Promise<EventLog | undefined>

beforeEach(() => {
  drawn = []
  logged = []
  opened = []
  asked = []
  openLog = (subject, run) => {
    opened.push(`${subject} ${run}`)
    return Promise.resolve({
      sink: ({ type }) => logged.push(type),
      close: () => Promise.resolve(logged.push('closed')),
    })
  }
})

function make(env: Record<string, string> = {}): Sessions {
  const onEvent = ({ type }: RunEvent): void => {
    drawn.push(type)
  }
  return createSessions({
    newRenderer(options) {
      asked.push(options?.logs)
      return { onEvent, close: () => Promise.resolve() }
    },
    openLog,
    signal: new AbortController().signal,
    env,
    newId: () => 'run-1',
    clock: new FakeClock(),
  })
}

function emitter(sessions: Sessions, dryRun = false): Emit {
  const { sink } = sessions.make('dev', 'play up dev', dryRun)
  return createEmitter({ run: 'run-1', subject: 'dev', now: () => 0, sink })
}

const lost = PlayError.of('ENGINE_DOWN', { engine: 'docker' })

describe('a session', () => {
  test('draws and logs every event, in order, and closes the log at the end', async () => {
    const sessions = make()
    const emit = emitter(sessions)
    emit({ type: 'run.started', tool: 'play', command: 'play up dev' })
    emit({ type: 'run.failed', durationMs: 1, error: lost.toData() })
    await sessions.close()
    expect(drawn).toEqual(['run.started', 'run.failed'])
    expect(logged).toEqual(['run.started', 'run.failed', 'closed'])
    expect(opened).toEqual(['dev run-1'])
  })

  test('opens no log before anything happened, nor for a dry run', async () => {
    const sessions = make()
    sessions.make('dev', 'play up dev')
    emitter(sessions, true)({ type: 'run.started', tool: 'play', command: 'play up dev' })
    await sessions.close()
    expect(opened).toEqual([])
  })

  test('goes on where a log cannot be written', async () => {
    openLog = () => Promise.reject(new Error('disk full'))
    const sessions = make()
    emitter(sessions)({ type: 'run.started', tool: 'play', command: 'play up dev' })
    await sessions.close()
    expect(drawn).toEqual(['run.started'])
  })

  test('tells logs only when asked, and hands every event to further listeners, which it closes', async () => {
    const sessions = make()
    const heard: string[] = []
    const listener = {
      onEvent: ({ type }: RunEvent) => void heard.push(type),
      close: () => Promise.resolve(void heard.push('closed')),
    }
    const { sink } = sessions.make('dev', 'play demo ci', true, { logs: true, sinks: [listener] })
    sessions.make('dev', 'play up dev')
    createEmitter({ run: 'run-1', subject: 'dev', now: () => 0, sink })({
      type: 'run.started',
      tool: 'play',
      command: 'play demo ci',
    })
    await sessions.close()
    expect(asked).toEqual([true, false])
    expect(drawn).toEqual(['run.started'])
    expect(heard).toEqual(['run.started', 'closed'])
  })

  test('knows which errors it has told, so that they are told once', () => {
    const sessions = make()
    expect(sessions.hasRun()).toBe(false)
    const emit = emitter(sessions)
    emit({ type: 'run.started', tool: 'play', command: 'play up dev' })
    emit({ type: 'run.failed', durationMs: 1, error: lost.toData() })
    expect(sessions.hasRun()).toBe(true)
    expect(sessions.hasTold(lost)).toBe(true)
    expect(sessions.hasTold(PlayError.of('ENGINE_DOWN', { engine: 'podman' }))).toBe(false)
    expect(sessions.hasTold(PlayError.of('CANCELLED', { resume: [] }))).toBe(false)
  })

  test('that was interrupted has told so', () => {
    const sessions = make()
    emitter(sessions)({ type: 'run.cancelled', durationMs: 1, resume: ['play up dev'] })
    expect(sessions.hasTold(PlayError.of('CANCELLED', { resume: ['play up dev'] }))).toBe(true)
  })

  test('fails after the step that the tests name, and only there', async () => {
    const { afterStep } = make({ PLAY_TEST_FAIL_AFTER: 'cluster.stack' }).make('dev', 'play up dev')
    await expect(afterStep?.('cluster.access')).resolves.toBeUndefined()
    await expect(afterStep?.('cluster.stack')).rejects.toThrow('injected fault after cluster.stack')
    expect(make().make('dev', 'play up dev').afterStep).toBeUndefined()
  })
})
