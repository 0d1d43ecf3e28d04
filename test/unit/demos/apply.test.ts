import { describe, expect, test } from 'vitest'
import { apply } from '../../../src/demos/actions/apply.ts'
import type { KubeObject } from '../../../src/domain/cluster.ts'
import { PlayError } from '../../../src/domain/errors.ts'
import { DemoStage, namespaceObject } from '../../fakes/demo-stage.ts'

const own = { 'dev.play/demo': 'shop', 'dev.play.root': 'root-1' }
const where = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'goods' }

function goods(data: object, labels?: Readonly<Record<string, string>>): KubeObject {
  const metadata = { name: 'goods', namespace: 'shop', ...(labels && { labels }) }
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data }
}

describe('apply', () => {
  test('makes namespaces first, whatever the order of the files, and labels all of it as the demo’s', async () => {
    const stage = new DemoStage(
      {},
      { 'goods.yaml': [goods({ tea: '1' }, { app: 'x' })], 'namespace.yaml': [namespaceObject('shop')] },
    )
    await stage.act(apply, { apply: { files: ['goods.yaml', 'namespace.yaml'] } })
    expect(stage.cluster.calls.filter((call) => call.startsWith('apply'))).toEqual([
      'apply Namespace shop',
      'apply ConfigMap shop/goods',
    ])
    expect(stage.cluster.object(where)).toMatchObject({
      metadata: { labels: { ...own, app: 'x' } },
      data: { tea: '1' },
    })
    const namespace = stage.cluster.object({ apiVersion: 'v1', kind: 'Namespace', name: 'shop' })
    expect(namespace?.metadata.labels).toEqual(own)
  })

  test('changes what was there before without claiming it, so that `stop` leaves it', async () => {
    const stage = new DemoStage({}, { 'drift.yaml': [goods({ tea: '0' })] })
    stage.cluster.put(namespaceObject('shop'))
    stage.cluster.put(goods({ tea: '4', milk: '1' }, { app: 'x' }))
    await stage.act(apply, { apply: { files: ['drift.yaml'] } })
    expect(stage.cluster.object(where)).toMatchObject({ data: { tea: '0', milk: '1' } })
    expect(stage.cluster.object(where)?.metadata.labels).toEqual({ app: 'x' })
  })

  test('keeps what it made before as its own', async () => {
    const stage = new DemoStage({}, { 'all.yaml': [namespaceObject('shop'), goods({ tea: '1' })] })
    await stage.act(apply, { apply: { files: ['all.yaml'] } })
    await stage.act(apply, { apply: { files: ['all.yaml'] } })
    expect(stage.cluster.object(where)?.metadata.labels).toEqual(own)
  })

  test('takes the file for the product that runs the pipelines', async () => {
    const stage = new DemoStage({}, { 'argo.yaml': [namespaceObject('argo-shop')] })
    await stage.act(apply, { apply: { files: [{ 'argo-workflows': 'argo.yaml', tekton: 'none.yaml' }] } })
    expect(stage.cluster.object({ apiVersion: 'v1', kind: 'Namespace', name: 'argo-shop' })).toBeDefined()
  })

  test('touches nothing when one of the files cannot be read', async () => {
    const stage = new DemoStage({}, { 'namespace.yaml': [namespaceObject('shop')] })
    const files = ['namespace.yaml', 'none.yaml']
    await expect(stage.act(apply, { apply: { files } })).rejects.toMatchObject({ id: 'DEMO_INVALID' })
    expect(stage.cluster.calls).toEqual([])
  })

  test('that the cluster refuses fails with its words', async () => {
    const stage = new DemoStage({}, { 'namespace.yaml': [namespaceObject('shop')] })
    const refused = PlayError.of('API_REJECTED', { object: 'Namespace shop', reason: 'forbidden' })
    stage.cluster.fail('apply Namespace', refused)
    await expect(stage.act(apply, { apply: { files: ['namespace.yaml'] } })).rejects.toBe(refused)
  })
})
