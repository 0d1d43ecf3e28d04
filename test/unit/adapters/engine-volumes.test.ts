import { describe, expect, it } from 'vitest'
import { createContainerEngine } from '../../../src/adapters/container-engine.ts'
import { podman } from '../../fixtures/engines/recordings.ts'
import { FakeProcess, type Reply } from '../../fakes/fake-process.ts'

const never = new AbortController().signal

function volumes(reply: Reply): Promise<readonly string[]> {
  const processes = new FakeProcess().expect(['podman', 'volume', 'ls', '--format', 'json'], reply)
  return createContainerEngine('podman', { processes }).clusterVolumes('play-ce', never)
}

function named(labels: Readonly<Record<string, string>> | null): object {
  return { Name: `of ${Object.keys(labels ?? {}).join()}`, Driver: 'local', Labels: labels }
}

describe('volumes of a cluster', () => {
  it('are those with the label of one of its nodes, and of no other', async () => {
    const nodes = ['control-plane', 'worker', 'worker2', 'worker-control-plane', 'x', 'workers', 'worker-2']
    const list = [
      ...nodes.map((node) => named({ [`play-ce-${node}`]: 'true' })),
      named({ 'play-ce2-control-plane': 'true', other: 'play-ce-worker' }),
      named(null),
    ]
    expect(await volumes({ stdout: JSON.stringify(list) })).toEqual([
      'of play-ce-control-plane',
      'of play-ce-worker',
      'of play-ce-worker2',
    ])
  })

  it.each(['[]\n', 'null\n'])('are none in %j', async (stdout) => {
    expect(await volumes({ stdout })).toEqual([])
  })

  it('[row 7] are not known when nobody answers, or with half an answer', async () => {
    await expect(volumes(podman.down)).rejects.toMatchObject({ id: 'ENGINE_DOWN' })
    await expect(volumes('hangs')).rejects.toMatchObject({ id: 'ENGINE_DOWN' })
    await expect(volumes({ stdout: '[{"Name": "a"' })).rejects.toThrow(SyntaxError)
    await expect(volumes({ stdout: '{}' })).rejects.toThrow('list')
  })

  it('bear no label on docker, which is not asked', async () => {
    const docker = createContainerEngine('docker', { processes: new FakeProcess() })
    expect(await docker.clusterVolumes('play-ce', never)).toEqual([])
  })
})
