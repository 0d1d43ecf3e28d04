import { describe, expect, test } from 'vitest'
import { BUILDKIT, REGISTRY } from '../../../offline/own-images.ts'
import { createPackageAssets } from '../../../src/adapters/package-assets.ts'
import { buildkit } from '../../../src/components/builder/buildkit.ts'
import { componentRegistry } from '../../../src/components/index.ts'
import { distribution } from '../../../src/components/registry/distribution.ts'
import { transform } from '../../../src/components/install/transform.ts'
import type { KubeObject } from '../../../src/domain/cluster.ts'
import type { Component } from '../../../src/domain/component.ts'
import { clusterRegistry, clusterRegistryService } from '../../../src/domain/registry-slot.ts'
import { imagesOf } from '../../../src/sources/kind/images.ts'
import { packageRoot } from '../../fakes/fake-ports.ts'

const assets = createPackageAssets(packageRoot)

/** What is applied. */
async function applied(component: Component): Promise<KubeObject[]> {
  const { manifest } = component
  if (!('asset' in manifest)) throw new Error('an asset was expected')
  return transform(await assets.objects(manifest.asset), {
    component,
    root: '01h',
    adoption: undefined,
    preloaded: true,
  })
}

function find(objects: readonly KubeObject[], kind: string): Record<string, unknown> {
  const found = objects.find((object) => object.kind === kind)
  if (found === undefined) throw new Error(`there is no ${kind}`)
  return found
}

interface Pod {
  readonly enableServiceLinks: boolean
  readonly automountServiceAccountToken: boolean
  readonly volumes: readonly { readonly hostPath?: { readonly path: string; readonly type: string } }[]
  readonly containers: readonly Record<string, unknown>[]
}

function podOf(objects: readonly KubeObject[]): Pod {
  return (find(objects, 'Deployment')['spec'] as { template: { spec: Pod } }).template.spec
}

describe.each([
  [distribution, REGISTRY],
  [buildkit, BUILDKIT],
])('$id', (component, image) => {
  test('is offered, and installed unless it is left out', () => {
    expect(componentRegistry.find(component.id)).toBe(component)
    expect(component.byDefault).toBe(true)
  })

  test('runs the very image and version that a bundle holds', async () => {
    expect(imagesOf(await applied(component))).toEqual([image.reference])
    expect(component.images).toEqual([image.reference])
    expect(image.reference).toMatch(new RegExp(`:v?${component.version.replaceAll('.', '\\.')}$`))
  })

  test('has every object in its namespace, labelled and marked', async () => {
    const objects = await applied(component)
    expect(objects[0]).toMatchObject({ kind: 'Namespace', metadata: { name: component.namespace } })
    for (const { kind, metadata } of objects) {
      expect(metadata.labels).toMatchObject({ 'dev.play.component': component.id, 'dev.play.root': '01h' })
      if (kind !== 'Namespace') expect(metadata.namespace).toBe(component.namespace)
    }
  })

  test('keeps its files on the node, where one pod at a time writes', async () => {
    const objects = await applied(component)
    expect(find(objects, 'Deployment')['spec']).toMatchObject({
      replicas: 1,
      strategy: { type: 'Recreate' },
    })
    const pod = podOf(objects)
    expect(pod.volumes.flatMap(({ hostPath }) => hostPath ?? [])).toEqual([
      { path: `/var/lib/play/${component.id}`, type: 'DirectoryOrCreate' },
    ])
    expect(pod).toMatchObject({ enableServiceLinks: false, automountServiceAccountToken: false })
  })
})

describe('the registry', () => {
  test('is where pods, nodes and BuildKit look for it', async () => {
    const service = find(await applied(distribution), 'Service')
    const { name, namespace } = service['metadata'] as KubeObject['metadata']
    const { clusterIP, ports } = service['spec'] as { clusterIP: string; ports: { port: number }[] }
    const port = String(ports[0]?.port)
    expect(`${name}.${namespace ?? ''}.svc.cluster.local:${port}`).toBe(clusterRegistry.pushAddress)
    expect(`${clusterIP}:${port}`).toBe(clusterRegistryService)
    const { data } = find(await applied(buildkit), 'ConfigMap') as { data: Record<string, string> }
    expect(data['buildkitd.toml']).toContain(`[registry."${clusterRegistry.pushAddress}"]\n  http = true\n`)
  })

  test('may do nothing on the node but write its files', async () => {
    const [container] = podOf(await applied(distribution)).containers
    expect(container?.['securityContext']).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
  })
})

describe('BuildKit', () => {
  test('needs a registry', () => {
    expect(buildkit.needs).toEqual(['registry'])
  })

  test('is reached by pipelines alone, since whoever reaches it is root on the node', async () => {
    const objects = await applied(buildkit)
    expect(podOf(objects).containers).toMatchObject([{ securityContext: { privileged: true } }])
    expect(find(objects, 'NetworkPolicy')['spec']).toMatchObject({
      podSelector: { matchLabels: { 'app.kubernetes.io/name': 'buildkit' } },
      policyTypes: ['Ingress'],
      ingress: [
        {
          from: [
            { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'argo' } } },
            { namespaceSelector: { matchLabels: { 'dev.play/pipelines': 'true' } } },
          ],
        },
      ],
    })
  })

  test('keeps two gigabytes of cache at most', async () => {
    const { data } = find(await applied(buildkit), 'ConfigMap') as { data: Record<string, string> }
    expect(data['buildkitd.toml']).toMatch(/^\[worker\.oci\]\n(?: {2}.*\n)* {2}maxUsedSpace = 2000000000$/m)
  })
})
