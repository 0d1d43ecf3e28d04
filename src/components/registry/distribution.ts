/** The registry of the CNCF project Distribution: keeps images that pods push, for nodes to pull. */
import { defineComponent } from '../../domain/component.ts'
import { clusterRegistryId } from '../../domain/registry-slot.ts'

export const distribution = defineComponent({
  id: clusterRegistryId,
  title: 'Registry',
  summary: 'keeps images built in the cluster',
  slot: 'registry',
  needs: [],
  byDefault: true,
  version: '3.1.2',
  namespace: 'registry',
  manifest: { asset: 'components/registry/distribution.yaml' },
  endpoints: [
    {
      name: 'registry',
      title: 'images that were built in the cluster',
      selector: 'app.kubernetes.io/name=registry',
      port: 5000,
      scheme: 'http',
      path: '/v2/_catalog',
    },
  ],
  images: ['docker.io/library/registry:3.1.2'],
  extraObjects: [],
  adjust: (object) => object,
})
