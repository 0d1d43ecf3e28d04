// The images that the node carries, as data: what each really is, what its layers hold, how it starts.
import {
  ARGOCD_USER,
  DEBIAN,
  fillBusybox,
  type ComponentImage,
  type LayerContent,
  type LayerSources,
} from './base-layers.ts'
import { NGINX, NODEJS } from './demo-images.ts'
import { VERSIONS, GO_PROGRAMS } from './go-modules.ts'
import type { ImageSettings } from './image-archive.ts'
import { placeFile, placeLinks, placeSurroundings, placeText } from './layer-contents.ts'
import { fillKubeProxy } from './kube-proxy-layer.ts'
import { BUILDKIT, REGISTRY } from './own-images.ts'

const K8S = VERSIONS.kubernetes
const goSource = (name: string): string => GO_PROGRAMS.find((program) => program.name === name)?.source ?? ''

/** A layer of static programs in one folder, with the few files they expect. */
function programs(folder: string, names: readonly string[]): LayerContent {
  return {
    name: names.join('-'),
    fill: async (root, sources) => {
      await placeSurroundings(root, sources.componentRootfs)
      for (const name of names)
        await placeFile(root, { from: sources.program(name), to: `${folder}/${name}` })
    },
  }
}

function controlPlane(name: string, reference: string, version: string): ComponentImage {
  return {
    ...{ name, reference, version, source: goSource(name) },
    description: `${name} ${version} rebuilt from its Go module; not the upstream image`,
    settings: { entrypoint: [`/usr/local/bin/${name}`], env: ['PATH=/usr/local/bin'] },
    layers: [programs('usr/local/bin', [name])],
  }
}

const ARGOCD_ROLES = [
  ...['server', 'repo-server', 'application-controller', 'applicationset-controller', 'notifications', 'dex'],
  ...['cmp-server', 'commit-server', 'k8s-auth', 'git-ask-pass'],
]

const ARGOCD: LayerContent = {
  name: 'argocd',
  fill: async (root, sources) => {
    for (const name of ['argocd', 'kustomize'])
      await placeFile(root, { from: sources.program(name), to: `usr/local/bin/${name}` })
    for (const name of ['entrypoint.sh', 'gpg-wrapper.sh', 'git-verify-wrapper.sh'])
      await placeFile(root, { from: sources.moduleFile(name), to: `usr/local/bin/${name}`, mode: 0o755 })
    await placeLinks(
      root,
      '/usr/local/bin/argocd',
      ARGOCD_ROLES.map((role) => `usr/local/bin/argocd-${role}`),
    )
    await placeLinks(root, '/usr/local/bin/entrypoint.sh', ['usr/local/bin/uid_entrypoint.sh'])
  },
}

const COWSAY = `#!/bin/sh
# Prints a message in a balloon above a cow, as the program of that name does.
if [ $# -gt 0 ]; then message="$*"; else message=$(cat); fi
printf '%s\\n' "$message" | fold -s -w 38 | sed 's/ *$//' | awk '
  { line[NR] = $0; if (length($0) > width) width = length($0) }
  END {
    bar = ""; for (i = 0; i < width + 2; i++) bar = bar "_"
    print " " bar
    for (i = 1; i <= NR; i++) {
      left = "|"; right = "|"
      if (NR == 1) { left = "<"; right = ">" }
      else if (i == 1) { left = "/"; right = "\\\\" }
      else if (i == NR) { left = "\\\\"; right = "/" }
      printf "%s %-" width "s %s\\n", left, line[i], right
    }
    gsub("_", "-", bar); print " " bar
  }'
cat <<'COW'
        \\   ^__^
         \\  (oo)\\_______
            (__)\\       )\\/\\
                ||----w |
                ||     ||
COW
`

const BUSYBOX: LayerContent = {
  name: 'busybox',
  fill: async (root, sources) => {
    await fillBusybox(root, sources)
    await placeText(root, 'usr/local/bin/cowsay', COWSAY, 0o755)
  },
}

const WORKFLOWS_SURROUNDINGS = async (root: string, sources: LayerSources): Promise<void> => {
  await placeSurroundings(root, sources.componentRootfs)
  await placeFile(root, {
    from: sources.moduleFile('ssh_known_hosts'),
    to: 'etc/ssh/ssh_known_hosts',
    mode: 0o644,
  })
}

function workflowsImage(name: string, settings: ImageSettings): ComponentImage {
  return {
    ...{ name, version: VERSIONS.argoWorkflows, source: goSource(name) },
    reference: `quay.io/argoproj/${name}:${VERSIONS.argoWorkflows}`,
    description: `Argo Workflows ${VERSIONS.argoWorkflows} ${name} rebuilt from its Go module; not the upstream image`,
    settings: { entrypoint: [name], env: ['PATH=/bin'], ...settings },
    layers: [
      {
        name,
        fill: async (root, sources) => {
          await WORKFLOWS_SURROUNDINGS(root, sources)
          await placeFile(root, { from: sources.program(name), to: `bin/${name}` })
        },
      },
    ],
  }
}

const pause: ComponentImage = {
  ...{
    name: 'pause',
    reference: 'registry.k8s.io/pause:3.10.1',
    version: '3.10.1',
    source: 'play:offline/pause',
  },
  description: 'A pause program in Go that holds a pod open and reaps its orphans; not the upstream image',
  settings: { entrypoint: ['/pause'], user: '65535:65535', env: ['PATH=/'] },
  layers: [
    {
      name: 'pause',
      fill: (root, sources) => placeFile(root, { from: sources.program('pause'), to: 'pause' }),
    },
  ],
}

const kubeProxy: ComponentImage = {
  ...controlPlane('kube-proxy', `registry.k8s.io/kube-proxy:${K8S}`, K8S),
  description: `kube-proxy ${K8S} rebuilt from its Go module, with Debian 12's iptables, nft and conntrack; not the upstream image`,
  settings: { entrypoint: ['/usr/local/bin/kube-proxy'], env: ['PATH=/usr/local/bin:/usr/sbin:/usr/bin'] },
  layers: [{ name: 'kube-proxy', fill: fillKubeProxy }],
}

const argocd: ComponentImage = {
  ...{ name: 'argocd', version: VERSIONS.argoCd, source: goSource('argocd') },
  reference: `quay.io/argoproj/argocd:${VERSIONS.argoCdManifests}`,
  description:
    `Argo CD ${VERSIONS.argoCd.slice(1)} and kustomize ${VERSIONS.kustomize.slice(1)} rebuilt from their Go modules on Debian 12, ` +
    `under the tag that the manifests of ${VERSIONS.argoCdManifests} name, without helm and without its web page; also has git, ` +
    'git daemon and git-http-backend; not the upstream image',
  settings: {
    entrypoint: ['/usr/bin/tini', '--'],
    env: [
      ...['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'USER=argocd'],
      ...['ARGOCD_USER_ID=999', 'GRPC_ENABLE_TXT_SERVICE_CONFIG=false'],
    ],
    user: ARGOCD_USER,
    workingDir: '/home/argocd',
  },
  layers: [DEBIAN, ARGOCD],
}

/** Debian bookworm's redis, in the words of `redis-server --version`. */
const REDIS_VERSION = '7.0.15'

const redis: ComponentImage = {
  ...{ name: 'redis', reference: 'public.ecr.aws/docker/library/redis:8.2.3-alpine', version: REDIS_VERSION },
  source: 'debian:bookworm/redis-server',
  description: `Debian 12's redis ${REDIS_VERSION} under the tag that Argo CD's manifests name; not the upstream image, not redis 8`,
  settings: { entrypoint: ['/usr/bin/redis-server'], user: ARGOCD_USER, workingDir: '/tmp' },
  layers: [DEBIAN],
}

const busybox: ComponentImage = {
  ...{ name: 'busybox', reference: 'docker.io/library/busybox:1.35', version: '1.35.0' },
  source: 'debian:bookworm/busybox',
  description: "Debian 12's busybox 1.35.0 and a cowsay written as a shell script; not the upstream image",
  settings: { command: ['sh'], env: ['PATH=/usr/local/bin:/usr/bin:/bin'] },
  layers: [BUSYBOX],
}

/** All images of the node, those of the control plane first. */
export const NODE_IMAGES: readonly ComponentImage[] = [
  ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((name) =>
    controlPlane(name, `registry.k8s.io/${name}:${K8S}`, K8S),
  ),
  kubeProxy,
  controlPlane('etcd', 'registry.k8s.io/etcd:3.6.5-0', VERSIONS.etcd),
  {
    ...controlPlane('coredns', `registry.k8s.io/coredns/coredns:${VERSIONS.coredns}`, VERSIONS.coredns),
    settings: { entrypoint: ['/coredns'], env: ['PATH=/'] },
    layers: [
      {
        name: 'coredns',
        fill: (root, sources) => placeFile(root, { from: sources.program('coredns'), to: 'coredns' }),
      },
    ],
  },
  pause,
  argocd,
  redis,
  workflowsImage('workflow-controller', { user: '8737' }),
  workflowsImage('argoexec', {}),
  busybox,
  ...[REGISTRY, BUILDKIT, NODEJS, NGINX],
]

/** Those of them that the registry in the cluster has from the beginning, for images that are built on them. */
export const SEEDED_IMAGES: readonly ComponentImage[] = [NODEJS]
