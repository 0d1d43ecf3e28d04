/** BuildKit's daemon: builds images from Dockerfiles and pushes them to a registry, by default the one in the cluster. */
import type { KubeObject } from '../../domain/cluster.ts'
import { defineComponent } from '../../domain/component.ts'
import { plainHttpHost } from '../../domain/registry-slot.ts'
import { editPodTemplate, type ContainerFields } from '../install/transform.ts'

export const buildkit = defineComponent({
  id: 'buildkit',
  title: 'BuildKit',
  summary: 'builds images in the cluster',
  slot: 'builder',
  needs: ['registry'],
  byDefault: true,
  version: '0.32.2',
  namespace: 'buildkit',
  manifest: { asset: 'components/builder/buildkit.yaml' },
  images: ['docker.io/moby/buildkit:v0.32.2'],
  extraObjects: [],
  adjust: (object) => object,
  pushTo(object, { pushAddress, plainHttp, credentials }) {
    const host = plainHttp ? plainHttpHost(`http://${pushAddress}`) : undefined
    const told = host === undefined ? object : withPlainHttp(object, host)
    return credentials === undefined ? told : withDockerConfig(told, credentials.name)
  },
})

const settings = 'buildkitd.toml'

function withPlainHttp(object: KubeObject, host: string): KubeObject {
  const data = object['data'] as Readonly<Record<string, string>> | undefined
  if (object.kind !== 'ConfigMap' || data?.[settings] === undefined) return object
  return {
    ...object,
    data: { ...data, [settings]: `${data[settings]}\n[registry."${host}"]\n  http = true\n` },
  }
}

const folder = '/run/secrets/registry'

/** buildctl, which asks the daemon to push, reads the credentials wherever it runs: here, in the daemon's own pod. */
function withDockerConfig(object: KubeObject, secret: string): KubeObject {
  const edited = editPodTemplate(object, (container) => ({
    ...container,
    env: [...list(container, 'env'), { name: 'DOCKER_CONFIG', value: folder }],
    volumeMounts: [
      ...list(container, 'volumeMounts'),
      { name: 'registry', mountPath: folder, readOnly: true },
    ],
  }))
  if (edited === object) return object
  const spec = edited['spec'] as { template: { spec: { volumes?: readonly object[] } } }
  const pod = spec.template.spec
  const items = [{ key: '.dockerconfigjson', path: 'config.json' }]
  const volumes = [...(pod.volumes ?? []), { name: 'registry', secret: { secretName: secret, items } }]
  return { ...edited, spec: { ...spec, template: { ...spec.template, spec: { ...pod, volumes } } } }
}

function list(container: ContainerFields, field: string): readonly unknown[] {
  return (container[field] ?? []) as readonly unknown[]
}
