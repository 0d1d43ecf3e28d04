import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { readEngineFacts } from '../../../src/adapters/engine-facts.ts'
import { FakeProcess } from '../../fakes/fake-process.ts'

const never = new AbortController().signal

function fixture(folder: string): Promise<string> {
  return readFile(new URL(`../../fixtures/engines/${folder}/info.json`, import.meta.url), 'utf8')
}

describe('what an engine says of itself', () => {
  it('is read from docker', async () => {
    const stdout = await fixture('docker-20.10')
    const processes = new FakeProcess().expect(['docker', 'info', '--format', '{{json .}}'], { stdout })
    expect(await readEngineFacts('docker', { processes }, never)).toEqual({
      name: 'docker',
      version: '20.10.24+dfsg1',
      rootless: false,
      cgroup: 1,
      runtime: 'runc',
      memoryBytes: 25276502016,
    })
  })

  it('is read from podman', async () => {
    const stdout = await fixture('podman-4.3.1')
    const processes = new FakeProcess().expect(['podman', 'info', '--format', 'json'], { stdout })
    expect(await readEngineFacts('podman', { processes }, never)).toEqual({
      name: 'podman',
      version: '4.3.1',
      rootless: false,
      cgroup: 1,
      runtime: 'runc',
      memoryBytes: 25276502016,
    })
  })

  it('tells a rootless docker on the newer control groups', async () => {
    const info = JSON.parse(await fixture('docker-20.10')) as Record<string, unknown>
    const rootless = { ...info, CgroupVersion: '2', SecurityOptions: ['name=seccomp', 'name=rootless'] }
    const processes = new FakeProcess().expect(['docker', 'info', '--format', '{{json .}}'], {
      stdout: JSON.stringify(rootless),
    })
    expect(await readEngineFacts('docker', { processes }, never)).toMatchObject({ rootless: true, cgroup: 2 })
  })

  it('is not known of docker 28 without a daemon, whose `info` succeeds', async () => {
    const stdout = '{"ServerErrors":["Cannot connect to the Docker daemon at unix:///none."],"ClientInfo":{}}'
    const processes = new FakeProcess().expect(['docker', 'info', '--format', '{{json .}}'], { stdout })
    await expect(readEngineFacts('docker', { processes }, never)).rejects.toMatchObject({ id: 'ENGINE_DOWN' })
  })
})
