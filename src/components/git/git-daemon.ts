/** git's own daemon, in the image that Argo CD brings: repositories inside the cluster. */
import { defineComponent } from '../../domain/component.ts'
import { argoCdImage } from '../gitops/argo-cd.ts'
import { editPodTemplate } from '../install/transform.ts'

export const gitDaemon = defineComponent({
  id: 'git',
  title: 'Git',
  summary: 'keeps repositories inside the cluster',
  slot: 'git',
  needs: [],
  byDefault: true,
  // Of the manifest, which is play's own; the daemon is whatever git the image has.
  version: '1.0.0',
  namespace: 'git',
  manifest: { asset: 'components/git/git-daemon.yaml' },
  endpoints: [
    {
      name: 'git',
      title: 'the repository of the platform, to read; to change it: play git clone',
      selector: 'app.kubernetes.io/name=git',
      port: 9418,
      scheme: 'git',
      path: '/playground',
    },
  ],
  extraObjects: [],
  adjust: (object) => editPodTemplate(object, (container) => ({ ...container, image: argoCdImage })),
})

/** Where pods reach repositories: anybody reads there, and pipelines push. */
export const clusterAddresses = {
  read: 'git://git.git.svc.cluster.local',
  push: 'git://git-push.git.svc.cluster.local:9420',
}

/** The repository that holds the platform, as pods reach it: anonymous, read-only. */
export const clusterOrigin = { url: `${clusterAddresses.read}/playground`, branch: 'main' }
