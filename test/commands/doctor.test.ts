import { beforeEach, describe, expect, test } from 'vitest'
import DoctorCommand from '../../commands/doctor.ts'
import type { Check } from '../../src/domain/check.ts'
import { createPlan } from '../../src/engine/plan.ts'
import { defineStep } from '../../src/engine/step.ts'
import type { Doctor } from '../../src/workflows/run-doctor.ts'
import { runCommand, type RunOptions, type Said } from '../fakes/fake-app.ts'
import { FakeWorld } from '../fakes/fake-ports.ts'

const node: Check = {
  id: 'node',
  subject: 'Node.js',
  status: 'ok',
  found: 'v24',
  needed: '22.13 or newer',
  fix: '',
}
const engine: Check = {
  id: 'engine',
  subject: 'Container engine',
  status: 'missing',
  found: 'none answers',
  needed: 'docker or podman',
  fix: 'Start Docker',
}

let mended: boolean
beforeEach(() => {
  mended = false
})

/** A doctor that finds the engine missing until it was mended. */
const doctor: Doctor = {
  check: () =>
    Promise.resolve([node, mended ? { ...engine, status: 'ok', found: 'podman', fix: '' } : engine]),
  plan: () => {
    const step = defineStep({
      id: 'doctor.install',
      title: 'Install podman',
      run: () => Promise.resolve((mended = true)),
    })
    return Promise.resolve({
      plan: createPlan([{ name: 'Mend', steps: [step] }]),
      changes: ['install podman'],
    })
  },
}

function run(argv: readonly string[], options: RunOptions = {}): Promise<Said> {
  return runCommand(DoctorCommand, argv, new FakeWorld(), {
    ...options,
    app: { doctor: () => Promise.resolve(doctor) },
  })
}

describe('play doctor', () => {
  test('shows a row for each prerequisite and ends with 3 when one is missing', async () => {
    const { stdout, stderr, exitCode } = await run([])
    expect(exitCode).toBe(3)
    expect(stdout).toMatch(/Node\.js +ok +v24/)
    expect(stdout).toMatch(/Container engine +missing/)
    expect(stderr).toContain('1 prerequisite is missing')
    expect(stderr).toContain('play doctor --fix')
    expect(mended).toBe(false)
  })

  test('gives machines the rows along with the error', async () => {
    const { stdout, exitCode } = await run(['--json'])
    expect(exitCode).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      error: { id: 'DOCTOR_UNHEALTHY' },
      result: { checks: [{ id: 'node' }, { id: 'engine', status: 'missing' }] },
    })
  })

  test('with --fix asks, mends and looks again', async () => {
    const { stdout, stderr, exitCode } = await run(['--fix'], { answer: true })
    expect(exitCode).toBe(0)
    expect(stderr).toContain('Install podman')
    expect(stdout).toMatch(/Container engine +ok +podman/)
  })

  test('with --fix takes no for an answer', async () => {
    const { exitCode } = await run(['--fix'], { answer: false })
    expect(exitCode).toBe(3)
    expect(mended).toBe(false)
  })

  test('with --fix and nobody to ask needs --yes', async () => {
    expect((await run(['--fix'])).exitCode).toBe(2)
    expect(mended).toBe(false)
    expect((await run(['--fix', '--yes'])).exitCode).toBe(0)
    expect(mended).toBe(true)
  })
})
