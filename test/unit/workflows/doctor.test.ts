import { describe, expect, it } from 'vitest'
import { PlayError } from '../../../src/domain/errors.ts'
import type { Question } from '../../../src/domain/question.ts'
import { generalQuestions, runDoctor, type DoctorPorts } from '../../../src/workflows/doctor.ts'
import { FakeMachine } from '../../fakes/fake-machine.ts'

const never = new AbortController().signal
const offline = PlayError.of('OFFLINE_NO_BUNDLE', { looked: '/cache' })

function ports(differences: Partial<DoctorPorts> = {}): DoctorPorts {
  return {
    machine: new FakeMachine(),
    nodeVersion: 'v24.1.0',
    stateDir: '/home/me/state',
    neededTools: ['kind', 'pulumi'],
    findTool: (name) => Promise.resolve({ path: `/bin/${name}`, version: '1.0.0', origin: 'path' }),
    bundle: () => Promise.resolve('/cache/bundle'),
    reachNetwork: () => Promise.resolve(),
    ...differences,
  }
}

/** The row of that id. */
async function row(id: string, differences: Partial<DoctorPorts>) {
  const rows = await runDoctor(generalQuestions(ports(differences)), never)
  return rows.find((check) => check.id === id)
}

describe('a machine that has everything', () => {
  it('has nothing to fix', async () => {
    const rows = await runDoctor(generalQuestions(ports()), never)
    expect(rows.map(({ id, status, fix }) => `${id} ${status} ${fix}`)).toEqual([
      'node ok ',
      'artifacts ok ',
      'tool.kind ok ',
      'tool.pulumi ok ',
      'tool.kubectl ok ',
      'state ok ',
      'state.disk ok ',
    ])
  })
})

describe('Node.js', () => {
  it.each([
    ['v22.13.0', 'ok'],
    ['22.12.9', 'missing'],
    ['v20.20.2', 'missing'],
    ['v26.0.0', 'ok'],
  ])('%s is %s', async (nodeVersion, status) => {
    expect(await row('node', { nodeVersion })).toMatchObject({ status, found: nodeVersion })
  })
})

describe('where things come from', () => {
  it('is the network without a bundle', async () => {
    expect(await row('artifacts', { bundle: () => Promise.resolve(undefined) })).toMatchObject({
      status: 'ok',
    })
  })

  it('is nowhere without both', async () => {
    const reachNetwork = () => Promise.reject(new Error('ENOTFOUND'))
    const found = await row('artifacts', { bundle: () => Promise.resolve(undefined), reachNetwork })
    expect(found).toMatchObject({
      status: 'missing',
      fix: expect.stringContaining('play bundle pull') as string,
    })
  })

  it('is not known with a damaged bundle, which is named', async () => {
    const bundle = () => Promise.reject(PlayError.of('BUNDLE_INVALID', { path: '/b', reason: 'it is empty' }))
    const found = await row('artifacts', { bundle })
    expect(found).toMatchObject({ status: 'missing', fix: 'play bundle verify' })
    expect(found?.found).toContain('/b')
  })
})

describe('tools', () => {
  const findTool = () => Promise.reject(offline)

  it('tell their version and where they are', async () => {
    expect(await row('tool.kind', {})).toMatchObject({ found: '1.0.0 (path: /bin/kind)' })
  })

  it('that play downloads by itself are fine while the network is reachable', async () => {
    expect(await row('tool.pulumi', { findTool })).toMatchObject({ status: 'ok', fix: '' })
  })

  it('are missing without a network', async () => {
    const reachNetwork = () => Promise.reject(new Error('ENOTFOUND'))
    expect(await row('tool.pulumi', { findTool, reachNetwork })).toMatchObject({
      status: 'missing',
      found: offline.message,
      fix: offline.suggestions[0],
    })
  })

  it('of a wrong version are missing even with a network', async () => {
    const params = { tool: 'kind', found: '0.1.0', needed: '0.30 or newer', path: '/bin/kind' }
    const wrong = () => Promise.reject(PlayError.of('TOOL_VERSION', params))
    expect(await row('tool.kind', { findTool: wrong })).toMatchObject({ status: 'missing' })
  })

  it('that only the user wants are a warning at most', async () => {
    expect(await row('tool.kubectl', { findTool })).toMatchObject({ status: 'warning' })
  })
})

describe('the state folder', () => {
  it('must be writable', async () => {
    const machine = new FakeMachine()
    machine.writable = false
    expect(await row('state', { machine })).toMatchObject({
      status: 'missing',
      fix: expect.stringContaining('PLAY_STATE_DIR') as string,
    })
  })

  it('must have room', async () => {
    const machine = new FakeMachine()
    machine.free = 1024
    expect(await row('state.disk', { machine })).toMatchObject({ status: 'missing' })
  })
})

describe('a question that cannot be answered', () => {
  const question = (differences: Partial<Question>): Question => ({
    id: 'q',
    subject: 'Question',
    needed: 'an answer',
    ask: () => Promise.reject(new Error('the disk is on fire')),
    ...differences,
  })

  it('is a row that says so', async () => {
    expect(await runDoctor([question({})], never)).toEqual([
      {
        id: 'q',
        subject: 'Question',
        needed: 'an answer',
        status: 'missing',
        found: 'not known: the disk is on fire',
        fix: '',
      },
    ])
  })

  it('is only a warning where the answer is no condition', async () => {
    expect(await runDoctor([question({ ifUnknown: 'warning' })], never)).toMatchObject([
      { status: 'warning' },
    ])
  })

  it('does not keep the others from being answered', async () => {
    const fine = question({ id: 'fine', ask: () => Promise.resolve({ status: 'ok', found: 'yes' }) })
    expect(await runDoctor([question({}), fine], never)).toMatchObject([
      { status: 'missing' },
      { status: 'ok' },
    ])
  })

  it('does not keep anybody waiting after an abort', async () => {
    const abort = new AbortController()
    const reason = new Error('stop')
    const doctor = runDoctor([question({ ask: () => new Promise<never>(() => undefined) })], abort.signal)
    abort.abort(reason)
    await expect(doctor).rejects.toBe(reason)
  })
})
