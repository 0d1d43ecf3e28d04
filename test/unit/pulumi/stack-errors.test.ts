import { describe, expect, test } from 'vitest'
import { PlayError } from '../../../src/domain/errors.ts'
import { PulumiCallError } from '../../../src/pulumi/command.ts'
import type { EngineStory } from '../../../src/pulumi/engine-events.ts'
import { isLocked, toStackError } from '../../../src/pulumi/stack-errors.ts'

const silence: EngineStory = { errors: [], lines: [] }

function call(stderr: string, verb = 'up --yes', stdout = ''): PulumiCallError {
  return new PulumiCallError(verb, { exitCode: 255, stdout, stderr })
}

/** Recorded from pulumi 3.259.0 with a file backend. */
const locked = [
  'error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.',
  '  file:///state/pulumi/backend/.pulumi/locks/organization/play/dev/4dd6.json: created by root@host (pid 4242) at 2026-01-01T00:00:00Z',
].join('\n')

/** As the engine's diagnostic events tell a failure of our plug-in. */
const kindFailed: EngineStory = {
  lines: ['Creating cluster "play-dev" ...', '• Preparing nodes 📦   ...', '✗ Preparing nodes 📦'],
  errors: [
    'Creating cluster "play-dev" ...',
    'ERROR: failed to create cluster: command "podman run --name play-dev-control-plane" failed with error: exit status 125',
    'Command Output: Error: no space left on device',
    'kubelet: E0101 failed to start',
    'update failed',
  ],
}

describe('a failed run of the engine', () => {
  test('with words of kind is kind’s failure, in its words', () => {
    const error = toStackError(call('error: update failed'), 'up', 'dev', kindFailed) as PlayError
    expect(error).toMatchObject({ id: 'KIND_FAILED', exitCode: 5 })
    expect(error.message).toMatch(
      /^kind could not make the cluster: failed to create cluster: command "podman run/,
    )
    expect(error.details).toContain('Command Output: Error: no space left on device')
    expect(error.details).toContain('kubelet: E0101 failed to start')
    expect(error.details).not.toContain('update failed')
    expect(error.suggestions).toEqual(['Try again: play up dev', 'Clean up: play down dev'])
  })

  test('that was killed says by which signal, not what it said last', () => {
    const killed = new PulumiCallError('up --yes', { exitCode: 137, stdout: '@ updating....', stderr: '' })
    const error = toStackError(killed, 'up', 'dev', silence) as PlayError
    expect(error.message).toBe('Pulumi could not bring up the playground: it was ended by signal 9')
  })

  test('while destroying says so', () => {
    const error = toStackError(call(''), 'destroy', 'dev', kindFailed) as PlayError
    expect(error.message).toMatch(/^kind could not remove the cluster: /)
  })

  test('without words of kind is Pulumi’s failure, with its reason', () => {
    const error = toStackError(
      call('error: failed to load plug-in: no such file\n'),
      'up',
      'dev',
      silence,
    ) as PlayError
    expect(error).toMatchObject({ id: 'STACK_FAILED', exitCode: 5 })
    expect(error.message).toBe(
      'Pulumi could not bring up the playground: failed to load plug-in: no such file',
    )
  })

  test('keeps forty lines at most, the last ones', () => {
    const many = Array.from({ length: 100 }, (_, index) => `line ${String(index)}`)
    const error = toStackError(call(''), 'up', 'dev', {
      lines: many,
      errors: ['ERROR: the end'],
    }) as PlayError
    expect(error.details).toHaveLength(40)
    expect(error.details.at(-1)).toBe('ERROR: the end')
  })

  test('without any words gives the call that failed', () => {
    const error = toStackError(call(''), 'up', 'dev', silence) as PlayError
    expect(error.message).toContain('pulumi up --yes ended with exit code 255')
  })

  test('shows no colours', () => {
    const error = toStackError(
      call('<{%fg 1%}>error: <{%reset%}>\u001b[31mbroken\u001b[0m'),
      'up',
      'dev',
      silence,
    ) as PlayError
    expect([error.message, ...error.details].join('\n')).not.toMatch(/<\{%|\u001b/)
  })

  test('of the catalog passes as it is', () => {
    const known = PlayError.of('TOOL_MISSING', { tool: 'pulumi', version: '3.259.0' })
    expect(toStackError(known, 'up', 'dev', silence)).toBe(known)
  })

  test('of an unknown sort keeps its words and its cause', () => {
    const strange = new Error('the engine reported an error and then fell silent')
    const error = toStackError(strange, 'up', 'dev', silence) as PlayError
    expect(error.id).toBe('STACK_FAILED')
    expect(error.message).toContain('fell silent')
    expect(error.cause).toBe(strange)
  })
})

describe('a lock', () => {
  test('of another update is recognised', () => {
    expect(isLocked(call(locked))).toBe(true)
    expect(isLocked(call('', 'up --yes', locked))).toBe(true)
  })

  test('is not seen in other failures', () => {
    expect(isLocked(call('error: update failed'))).toBe(false)
    expect(isLocked(new Error('the stack is currently locked'))).toBe(false)
  })
})
