/** What nodes tell of their pods' memory, over HTTPS: several nodes, older forms, and nodes that do not answer. */
import { expect, it } from 'vitest'
import { sendJson, sendStatus } from '../fakes/api-answers.ts'
import { useStandIn } from '../fakes/use-stand-in.ts'

const world = useStandIn()
const { signal } = new AbortController()

function putNode(name: string, pods?: readonly object[]): void {
  world.standIn.store.put({ apiVersion: 'v1', kind: 'Node', metadata: { name } })
  world.standIn.intercept(`GET /api/v1/nodes/${name}/proxy/stats/summary`, (response) => {
    if (pods === undefined) sendStatus(response, 503, 'ServiceUnavailable', 'error trying to reach service')
    else sendJson(response, 200, { node: { nodeName: name }, pods })
  })
}

it('asks each node once, and sums up containers where a pod as a whole is not told', async () => {
  const podRef = (name: string): object => ({ podRef: { name, namespace: 'default', uid: '1' } })
  putNode('one', [{ ...podRef('a'), memory: { workingSetBytes: 10 }, containers: [] }])
  const containers = [{ memory: { workingSetBytes: 1 } }, { memory: { workingSetBytes: 2 } }, {}]
  putNode('two', [{ ...podRef('b'), containers }])

  expect(await world.client.podMemory(signal)).toEqual([
    { namespace: 'default', name: 'a', usedBytes: 10 },
    { namespace: 'default', name: 'b', usedBytes: 3 },
  ])
  expect(world.standIn.count('GET /api/v1/nodes/')).toBe(2)
})

it('is refused by a node that does not answer, and is not asked again', async () => {
  putNode('one', [])
  putNode('two')

  await expect(world.client.podMemory(signal)).rejects.toMatchObject({ id: 'API_REJECTED' })
  expect(world.standIn.count('GET /api/v1/nodes/two')).toBe(1)
})

it('is not waited for where a node says nothing', async () => {
  world.standIn.store.put({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'one' } })
  world.standIn.intercept('GET /api/v1/nodes/one/proxy', () => undefined)
  const client = await world.open({ statsMs: 50 })

  await expect(client.podMemory(signal)).rejects.toMatchObject({ id: 'API_UNREACHABLE' })
})
