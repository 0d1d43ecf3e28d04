import { describe, expect, it } from 'vitest'
import { detectEngine } from '../../../src/adapters/detect-engine.ts'
import { docker20, podman } from '../../fixtures/engines/recordings.ts'
import { FakeProcess, type Reply } from '../../fakes/fake-process.ts'

const never = new AbortController().signal
const dockerAsks = ['docker', 'version', '--format', '{{.Server.Version}}']
const podmanAsks = ['podman', 'ps', '--quiet', '--last', '1']
const up = { stdout: '20.10.24+dfsg1\n' }

function detect(docker: Reply, podmanReply: Reply, prefer?: string) {
  const processes = new FakeProcess().allow(dockerAsks, docker).allow(podmanAsks, podmanReply)
  return detectEngine({ processes, prefer, signal: never })
}

describe('finding a container engine', () => {
  it('takes docker when it answers', async () => {
    expect((await detect(up, {})).name).toBe('docker')
  })

  it('does not wait for podman when docker answers', async () => {
    expect((await detect(up, 'hangs')).name).toBe('docker')
  })

  it.each([
    ['is not installed', 'missing' as const],
    ['has no daemon', docker20.down],
    ['hangs', 'hangs' as const],
    ["is podman's stand-in", { stdout: '<no value>\n' }],
    ['fails otherwise', { exitCode: 1, stderr: 'unknown flag\n' }],
  ])('takes podman when docker %s', async (_, reply) => {
    expect((await detect(reply, {})).name).toBe('podman')
  })

  it('takes the one that is asked for, and no other', async () => {
    expect((await detect(up, {}, 'podman')).name).toBe('podman')
    await expect(detect(docker20.down, {}, 'docker')).rejects.toMatchObject({ id: 'ENGINE_DOWN' })
    await expect(detect(up, 'missing', 'podman')).rejects.toMatchObject({
      id: 'ENGINE_MISSING',
      message: 'No container engine answers (looked for podman)',
    })
  })

  it('takes an empty wish for none', async () => {
    expect((await detect(up, {}, '')).name).toBe('docker')
  })

  it('refuses an engine that it does not know', async () => {
    await expect(detect(up, {}, 'nerdctl')).rejects.toMatchObject({ id: 'USAGE_INVALID' })
  })

  it('says that there is none', async () => {
    await expect(detect('missing', 'missing')).rejects.toMatchObject({
      id: 'ENGINE_MISSING',
      message: 'No container engine answers (looked for docker and podman)',
    })
  })

  it('says which one is installed but does not answer, in its own words', async () => {
    await expect(detect(docker20.down, 'missing')).rejects.toMatchObject({
      id: 'ENGINE_DOWN',
      message: 'docker is installed but does not answer',
      details: [expect.stringContaining('Is the docker daemon running?')],
    })
    await expect(detect('missing', podman.down)).rejects.toMatchObject({
      id: 'ENGINE_DOWN',
      message: 'podman is installed but does not answer',
    })
    await expect(detect(docker20.down, podman.down)).rejects.toThrow('docker is installed')
  })

  it('stops when it is told to', async () => {
    const reason = new Error('stop')
    const processes = new FakeProcess()
    const signal = AbortSignal.abort(reason)
    await expect(detectEngine({ processes, signal })).rejects.toBe(reason)
  })
})
