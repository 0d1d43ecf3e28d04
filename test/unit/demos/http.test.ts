import { beforeEach, describe, expect, test } from 'vitest'
import { http } from '../../../src/demos/actions/http.ts'
import type { HttpAction } from '../../../src/domain/demo-definition.ts'
import { DemoStage, namespaceObject } from '../../fakes/demo-stage.ts'

const asked: HttpAction['http'] = { namespace: 'shop', selector: 'app=web', port: 8080 }
let stage: DemoStage
/** Pods that the forward was led to, and whether it has ended. */
let led: string[]
let closed: boolean

beforeEach(() => {
  stage = new DemoStage()
  led = []
  closed = false
  stage.cluster.put(namespaceObject('shop'))
  putPod('web-1', '2026-01-01T00:00:01Z')
  stage.cluster.onForward = async ({ pod, port }, signal) => {
    expect(port).toBe(8080)
    // As for a connection.
    led.push(typeof pod === 'string' ? pod : await pod(signal).catch(String))
    const ended = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        setImmediate(() => {
          closed = true
          resolve()
        })
      })
    })
    return { port: 40_000, closed: ended }
  }
})

function putPod(name: string, creationTimestamp: string, ready = 'True'): void {
  stage.cluster.put({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', creationTimestamp, labels: { app: 'web' } },
    status: { conditions: [{ type: 'Ready', status: ready }] },
  })
}

describe('http', () => {
  test('asks through a port-forward, passes the answer on, and leaves no forward behind', async () => {
    stage.answer = (port, path) => ({ status: 200, body: `${String(port)} ${path}\n` })
    expect(await stage.act(http, { http: { ...asked, path: '/of/${run.id}' } })).toEqual({
      body: '40000 /of/run-7',
    })
    expect(led).toEqual(['web-1'])
    expect(closed).toBe(true)
    expect(stage.clock.sleeping).toBe(0)
  })

  test('asks the newest of the pods that are ready', async () => {
    putPod('web-0', '2026-01-01T00:00:00Z')
    putPod('web-2', '2026-01-01T00:00:02Z')
    putPod('web-3', '2026-01-01T00:00:03Z', 'False')
    stage.answer = () => ({ status: 200, body: '' })
    await stage.act(http, { http: asked })
    expect(led).toEqual(['web-2'])
  })

  test('waits for the answer that is expected, and tells what comes meanwhile', async () => {
    const answers = ['refused', { status: 503, body: 'warming up' }, { status: 200, body: 'of run-6' }]
    stage.answer = () => {
      const next = answers.shift() ?? { status: 200, body: 'of run-7' }
      if (typeof next === 'string') throw new Error(next)
      return next
    }
    expect(await stage.act(http, { http: { ...asked, contains: 'of ${run.id}' } })).toEqual({
      body: 'of run-7',
    })
    expect(stage.report.progressed.map(({ text }) => text)).toEqual([
      'refused',
      'the answer is 503 warming up',
      'the answer is 200 of run-6',
    ])
    expect(stage.clock.now()).toBeGreaterThanOrEqual(Date.UTC(2026, 0, 1) + 750)
  })

  test('may expect another status', async () => {
    stage.answer = () => ({ status: 404, body: 'none' })
    expect(await stage.act(http, { http: { ...asked, status: 404 } })).toEqual({ body: 'none' })
  })

  test('that never gets it ends with exit code 7, the last answer, and no forward left', async () => {
    const steps = [{ id: 'ask', title: 'The shop answers', http: { ...asked, contains: 'open' } }]
    const { answer, cluster } = stage
    stage = new DemoStage({ steps }, {}, { client: () => Promise.resolve(cluster) })
    stage.answer = answer
    await expect(stage.play()).rejects.toMatchObject({
      ...{ id: 'WAIT_TIMEOUT', exitCode: 7 },
      message: expect.stringContaining('the answer is 404') as string,
    })
    expect(closed).toBe(true)
    expect(stage.clock.sleeping).toBe(0)
  })

  test('that is interrupted closes the forward', async () => {
    const reason = new Error('enough')
    stage.report.progress = () => {
      stage.stop.abort(reason)
    }
    await expect(stage.act(http, { http: asked })).rejects.toBe(reason)
    expect(closed).toBe(true)
  })

  test('without a pod that is ready has nobody to forward to', async () => {
    putPod('web-1', '', 'False')
    stage.answer = () => ({ status: 200, body: '' })
    await stage.act(http, { http: asked })
    expect(led).toEqual(['Error: no pod with app=web is ready in shop'])
  })
})
