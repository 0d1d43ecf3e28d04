/** Argo CD's web page and API server, which the core install leaves out. */
import { defineComponent } from '../../domain/component.ts'
import { editPodTemplate } from '../install/transform.ts'
import { argoCd } from './argo-cd.ts'

export const argoCdUi = defineComponent({
  id: 'argocd-ui',
  title: 'Argo CD UI',
  summary: "shows Argo CD's applications in a browser",
  slot: 'ui',
  needs: ['gitops'],
  byDefault: false,
  version: argoCd.version,
  namespace: argoCd.namespace,
  sharesNamespace: true,
  manifest: { artifact: 'argo-cd-full' },
  // Nothing in a playground signs in with dex or is notified.
  selects: ({ metadata }) => /^argocd-server\b/.test(metadata.name),
  endpoints: [
    {
      name: 'argocd',
      title: "Argo CD's applications",
      selector: 'app.kubernetes.io/name=argocd-server',
      port: 8080,
      scheme: 'http',
      credentials: { user: 'admin', secret: 'argocd-initial-admin-secret', key: 'password' },
    },
  ],
  extraObjects: [],
  // Its certificate would be its own, of which browsers warn; a port-forward is encrypted by the API server's.
  adjust: (object) =>
    editPodTemplate(object, (container) =>
      container.name === 'argocd-server'
        ? { ...container, args: [...((container['args'] as string[] | undefined) ?? []), '--insecure'] }
        : container,
    ),
})
