/** The action `http`: a service inside the cluster answers a request that comes through a port-forward. */
import type { HttpAction } from '../../domain/demo-definition.ts'
import { oldestFirst } from '../../domain/oldest-first.ts'
import { isReady } from '../../domain/pod-status.ts'
import type { ClusterClient } from '../../domain/ports.ts'
import { waitUntil, type Probe } from '../../engine/wait.ts'
import type { Perform } from '../scene.ts'

/** Between two requests, milliseconds. */
const intervalMs = 250

/** Asks until the answer is as expected. */
export const http: Perform<HttpAction> = async ({ http: wanted }, { context, text }, { signal, report }) => {
  const { namespace, selector, port, path = '/', status: expected = 200 } = wanted
  const contains = text(wanted.contains ?? '')
  const client = await context.client()
  const end = new AbortController()
  const until = AbortSignal.any([signal, end.signal])
  const pod = (now: AbortSignal): Promise<string> => servingPod(client, namespace, selector, now)
  const forward = await client.forward({ namespace, pod, port }, until)
  const ask = async (): Promise<Probe<string>> => {
    try {
      const { status, body } = await context.loopback.get(forward.port, text(path), until)
      if (status === expected && body.includes(contains)) return { done: true, value: body }
      return { done: false, seen: `the answer is ${String(status)} ${body.slice(0, 200)}` }
    } catch (error) {
      return { done: false, seen: error instanceof Error ? error.message : String(error) }
    }
  }
  try {
    const body = await waitUntil(ask, {
      waitedFor: `an answer with ${contains === '' ? `status ${String(expected)}` : `"${contains}"`}`,
      ...{ timeoutMs: context.timeoutMs, intervalMs, signal, clock: context.clock },
      onChange: (seen) => {
        report.progress(seen)
      },
    })
    return { body: body.trim() }
  } finally {
    end.abort(new Error('answered'))
    await forward.closed
  }
}

async function servingPod(
  client: ClusterClient,
  namespace: string,
  labelSelector: string,
  signal: AbortSignal,
): Promise<string> {
  const pods = await client.list({ apiVersion: 'v1', kind: 'Pod', namespace, labelSelector }, signal)
  const [newest] = pods.filter(isReady).toSorted((one, other) => oldestFirst(other, one))
  if (newest !== undefined) return newest.metadata.name
  throw new Error(`no pod with ${labelSelector} is ready in ${namespace}`)
}
