/** BuildKit's daemon: builds images from Dockerfiles and pushes them to the registry in the cluster. */
import { defineComponent } from '../../domain/component.ts'

export const buildkit = defineComponent({
  id: 'buildkit',
  title: 'BuildKit',
  summary: 'builds images in the cluster',
  slot: 'builder',
  needs: ['registry'],
  byDefault: false,
  version: '0.32.2',
  namespace: 'buildkit',
  manifest: { asset: 'components/builder/buildkit.yaml' },
  extraObjects: [],
  adjust: (object) => object,
})
