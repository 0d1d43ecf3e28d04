import { beforeEach, describe, expect, test } from 'vitest'
import { exec } from '../../../src/demos/actions/exec.ts'
import { DemoStage, namespaceObject } from '../../fakes/demo-stage.ts'

const asked = { namespace: 'shop', selector: 'app=till', command: ['sh', '-c', 'echo ${run.id}'] }
let stage: DemoStage

beforeEach(() => {
  stage = new DemoStage()
  stage.cluster.put(namespaceObject('shop'))
})

function putPod(name: string, ready: string): void {
  stage.cluster.put({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', labels: { app: 'till' } },
    spec: { containers: [{ name: 'till' }, { name: 'proxy' }] },
    status: { conditions: [{ type: 'Ready', status: ready }] },
  })
}

describe('exec', () => {
  test('runs the command in a pod that is ready, shows what it writes, and passes that on', async () => {
    putPod('till-1', 'False')
    putPod('till-2', 'True')
    const asking: unknown[] = []
    stage.cluster.onExec = ({ pod, container, command }) => {
      asking.push([pod, container, command])
      return { stdout: 'one\n\ntwo\n', stderr: 'careful\n' }
    }
    expect(await stage.act(exec, { exec: asked })).toEqual({ stdout: 'one\n\ntwo' })
    expect(asking).toEqual([['till-2', 'till', ['sh', '-c', 'echo run-7']]])
    expect(stage.report.logged).toEqual(['one', 'two', 'careful'])
  })

  test('takes the container that the demo names', async () => {
    putPod('till-1', 'True')
    stage.cluster.onExec = ({ container }) => ({ stdout: container })
    expect(await stage.act(exec, { exec: { ...asked, container: 'proxy' } })).toEqual({ stdout: 'proxy' })
  })

  test('that fails tells the exit code and what the command wrote', async () => {
    putPod('till-1', 'True')
    stage.cluster.onExec = () => ({ exitCode: 3, stdout: 'one\n', stderr: 'no paper\n' })
    await expect(stage.act(exec, { exec: asked })).rejects.toMatchObject({
      ...{ id: 'DEMO_FAILED', exitCode: 6, message: 'Demo shop failed: sh ended with exit code 3' },
      details: ['one', 'no paper'],
      suggestions: ['kubectl --namespace shop get pods --selector app=till', 'play demo shop dev'],
    })
  })

  test('without a pod that is ready says where it looked', async () => {
    putPod('till-1', 'False')
    await expect(stage.act(exec, { exec: asked })).rejects.toThrow('no pod with app=till is ready in shop')
  })
})
