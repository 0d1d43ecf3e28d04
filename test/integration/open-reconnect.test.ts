/** `play open` over real WebSockets: its listener outlives pods, and an API server that goes away for a moment. */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createClusterClients } from '../../src/adapters/kube/cluster-client.ts'
import { componentRegistry } from '../../src/components/index.ts'
import { openEndpoint } from '../../src/workflows/open.ts'
import { FakeWorld } from '../fakes/fake-ports.ts'
import { sendStatus } from '../fakes/api-answers.ts'
import { useStandIn } from '../fakes/use-stand-in.ts'

const world = useStandIn()

let stop: AbortController
let opening: Promise<void>
let port: number
/** What runs in each pod: says the pod's name and ends. */
const inPods = new Map<string, Server>()

beforeEach(async () => {
  stop = new AbortController()
  world.standIn.store.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'git' } })
  world.standIn.pods.onForward = (pod, to) =>
    to === 9418 ? (inPods.get(pod)?.address() as AddressInfo | undefined)?.port : undefined
  await putPod('git-1')
  const fakes = new FakeWorld()
  const spec = { name: 'dev', source: 'kind', kubernetesVersion: '1.34.10', nodes: 1 } as const
  await fakes.makePlayground('dev', { spec: { ...spec, components: ['git'] } })
  const kubeconfigs = Object.assign(fakes.kubeconfigs, {
    readOwn: () => Promise.resolve(world.standIn.access),
  })
  const ports = {
    ...fakes.ports,
    kubeconfigs: () => Promise.resolve(kubeconfigs),
    clusters: () => Promise.resolve(createClusterClients()),
  }
  const options = { name: 'dev', endpoint: 'git', withPassword: false }
  const listening = new Promise<number>((resolve) => {
    const show = (opened: { readonly port: number }): Promise<void> => {
      resolve(opened.port)
      return Promise.resolve()
    }
    opening = openEndpoint(options, ports, componentRegistry, show, stop.signal)
  })
  port = await listening
})
afterEach(async () => {
  stop.abort()
  await opening
  for (const server of inPods.values()) await new Promise((resolve) => server.close(resolve))
  inPods.clear()
})

async function putPod(name: string): Promise<void> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.end(`I am ${name}`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  inPods.set(name, server)
  const metadata = { name, namespace: 'git', labels: { 'app.kubernetes.io/name': 'git' } }
  const status = { conditions: [{ type: 'Ready', status: 'True' }] }
  world.standIn.store.put({ apiVersion: 'v1', kind: 'Pod', metadata, status })
}

async function ask(): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' })
  await once(socket, 'connect')
  return await text(socket)
}

it('leads to the pod that serves now, after the one before was replaced', async () => {
  expect(await ask()).toBe('I am git-1')
  await putPod('git-2')
  world.standIn.store.delete({ apiVersion: 'v1', kind: 'Pod', namespace: 'git', name: 'git-1' })
  expect(await ask()).toBe('I am git-2')
})

it('still listens after an API server that cut everything, and refused while it started', async () => {
  expect(await ask()).toBe('I am git-1')
  world.standIn.cutConnections()
  world.standIn.intercept('GET /api/v1/namespaces/git/pods', (response) => {
    sendStatus(response, 503, 'ServiceUnavailable', 'apiserver not ready')
  })
  await vi.waitFor(async () => {
    expect(await ask()).toBe('I am git-1')
  })
})

it('closes connections while no pod serves, and serves the next one', async () => {
  world.standIn.store.delete({ apiVersion: 'v1', kind: 'Pod', namespace: 'git', name: 'git-1' })
  expect(await ask()).toBe('')
  await putPod('git-2')
  expect(await ask()).toBe('I am git-2')
})

it('stops listening when it is no longer wanted', async () => {
  stop.abort()
  await opening
  await expect(ask()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})
