/** The registry of the CNCF project Distribution: keeps images that pods push, for nodes to pull. */
import { defineComponent } from '../../domain/component.ts'

export const distribution = defineComponent({
  id: 'registry',
  title: 'Registry',
  summary: 'keeps images built in the cluster',
  slot: 'registry',
  needs: [],
  byDefault: false,
  version: '3.1.2',
  namespace: 'registry',
  manifest: { asset: 'components/registry/distribution.yaml' },
  extraObjects: [],
  adjust: (object) => object,
})
