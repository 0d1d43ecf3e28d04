/** Things from outside, made up: tools, node images and manifests as small as they can be. */
import type { KubeObject } from '../../src/domain/cluster.ts'
import { PlayError } from '../../src/domain/errors.ts'
import type { Artifacts, FoundArtifact, NodeImage, ToolName } from '../../src/domain/ports.ts'

/** A definition of a kind, as the API needs it before objects of that kind. */
function definition(group: string, version: string, kind: string, plural: string): KubeObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: { group, scope: 'Namespaced', names: { kind, plural }, versions: [{ name: version }] },
  }
}

/** A workload with one container. */
function workload(kind: 'Deployment' | 'StatefulSet', name: string, container = name): KubeObject {
  const containers = [
    { name: container, image: `quay.io/example/${container}:latest`, imagePullPolicy: 'Always' },
  ]
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name },
    spec: { replicas: 1, template: { spec: { containers } } },
  }
}

const manifests: Readonly<Record<string, readonly KubeObject[]>> = {
  'argo-cd': [
    definition('argoproj.io', 'v1alpha1', 'AppProject', 'appprojects'),
    definition('argoproj.io', 'v1alpha1', 'Application', 'applications'),
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'argocd-server' } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'argocd-server' },
      subjects: [{ kind: 'ServiceAccount', name: 'argocd-server' }],
    },
    workload('Deployment', 'argocd-server'),
    workload('StatefulSet', 'argocd-application-controller'),
  ],
  'argo-workflows': [
    definition('argoproj.io', 'v1alpha1', 'Workflow', 'workflows'),
    workload('Deployment', 'workflow-controller'),
  ],
  'pulumi-operator': [
    definition('pulumi.com', 'v1', 'Stack', 'stacks'),
    workload('Deployment', 'controller-manager', 'manager'),
  ],
  'argo-cd-full': [workload('Deployment', 'argocd-server'), workload('Deployment', 'argocd-dex-server')],
}

/** What runs after the manifests above and play's own have been adapted, as far as it is in the core bundle. */
const inNodeImage = [
  'docker.io/library/registry:3.1.2',
  'docker.io/moby/buildkit:v0.32.2',
  'quay.io/argoproj/argocd:v3.5.1',
  'quay.io/argoproj/argoexec:v4.0.7',
  'quay.io/argoproj/workflow-controller:v4.0.7',
  'quay.io/example/argocd-application-controller:latest',
  'quay.io/example/argocd-server:latest',
]

/** Strict: what it does not hold is missing, with the real error. */
export class FakeArtifacts implements Artifacts {
  defaultKubernetesVersion = '1.34.10'
  bundled = true
  /** Tools that are nowhere. */
  readonly missing = new Set<ToolName>()
  /** Kubernetes versions with a node image. */
  readonly kubernetesVersions = ['1.34.10', '1.33.4']
  /** The manifests; a test may put others there. */
  readonly manifests = new Map(Object.entries(manifests))
  /** Archives of component images, by reference; none where nodes pull for themselves. */
  readonly images = new Map<string, string>()
  /** Everything that was asked for, such as `tool kind`. */
  readonly calls: string[] = []

  tool(name: ToolName): Promise<FoundArtifact> {
    this.calls.push(`tool ${name}`)
    const version = name === 'kind' ? '0.32.0' : name === 'pulumi' ? '3.259.0' : '1.34.10'
    if (this.missing.has(name)) return Promise.reject(PlayError.of('TOOL_MISSING', { tool: name, version }))
    return Promise.resolve({ path: `/bundle/${name}`, version, origin: 'bundle' })
  }

  nodeImage(kubernetesVersion: string): Promise<NodeImage> {
    this.calls.push(`nodeImage ${kubernetesVersion}`)
    const available = this.kubernetesVersions
    if (!available.includes(kubernetesVersion))
      return Promise.reject(
        PlayError.of('USAGE_KUBERNETES_VERSION', { version: kubernetesVersion, available }),
      )
    const reference = `kindest/node:v${kubernetesVersion}`
    const archive = this.bundled ? { archive: `/bundle/node-${kubernetesVersion}.tar` } : {}
    // An image is inside the node image or an archive of its own.
    const contains = this.bundled ? inNodeImage.filter((each) => !this.images.has(each)) : []
    return Promise.resolve({ reference, kubernetesVersion, ...archive, contains })
  }

  manifest(name: string): Promise<readonly KubeObject[]> {
    this.calls.push(`manifest ${name}`)
    const objects = this.manifests.get(name)
    if (objects === undefined)
      return Promise.reject(
        PlayError.of('ARTIFACT_MISSING', { artifact: `manifest ${name}`, bundle: '/bundle' }),
      )
    return Promise.resolve(objects)
  }

  canHaveImage(reference: string): boolean {
    return !this.bundled || inNodeImage.includes(reference) || this.images.has(reference)
  }

  image(reference: string): Promise<string | undefined> {
    this.calls.push(`image ${reference}`)
    return Promise.resolve(this.images.get(reference))
  }
}
