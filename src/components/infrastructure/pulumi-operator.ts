/** The Pulumi Kubernetes Operator: runs infrastructure programs that are objects in the cluster. */
import { randomBytes } from 'node:crypto'
import type { KubeObject } from '../../domain/cluster.ts'
import { componentLabel, defineComponent } from '../../domain/component.ts'
import { editPodTemplate } from '../install/transform.ts'
import { claim, passphrase, serviceAccount, stacksNamespace } from './stack-place.ts'

const id = 'pulumi-operator'
const version = '2.9.0'
const image = `docker.io/pulumi/pulumi-kubernetes-operator:v${version}`

/** What a Stack's pod runs: Pulumi and nothing of any language, which programs in YAML do without. */
export const workspaceImage = 'docker.io/pulumi/pulumi-base:3.259.0'

const namespaced = { namespace: stacksNamespace }

export const pulumiOperator = defineComponent({
  id,
  title: 'Pulumi Operator',
  summary: 'runs infrastructure programs',
  slot: 'infrastructure',
  needs: [],
  byDefault: true,
  version,
  namespace: 'pulumi-kubernetes-operator',
  manifest: { artifact: id },
  images: [image],
  alsoRuns: [workspaceImage],
  mustOutlive: [{ apiVersion: 'pulumi.com/v1', kind: 'Stack' }],
  // A namespace in which Stacks find all that they need. Their state is on the node: an operator that does not find a
  // state any more takes a Stack for empty, and its deletion for done.
  extraObjects: [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: stacksNamespace } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: serviceAccount, ...namespaced } },
    {
      // By it the workspace asks the API whether it is the operator that speaks to it.
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: `${stacksNamespace}:${serviceAccount}:system:auth-delegator` },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'ClusterRole',
        name: 'system:auth-delegator',
      },
      subjects: [{ kind: 'ServiceAccount', name: serviceAccount, ...namespaced }],
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `${stacksNamespace}-${claim}` },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Retain',
        storageClassName: '',
        claimRef: { ...namespaced, name: claim },
        hostPath: { path: '/var/lib/play/pulumi', type: 'DirectoryOrCreate' },
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }] },
            ],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: claim, ...namespaced },
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: '',
        volumeName: `${stacksNamespace}-${claim}`,
        resources: { requests: { storage: '1Gi' } },
      },
    },
  ],
  generate: () => [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: passphrase.name, ...namespaced, labels: { [componentLabel]: id } },
      type: 'Opaque',
      stringData: { [passphrase.key]: randomBytes(24).toString('base64url') },
    },
  ],
  adjust: (object) => alone(editPodTemplate(object, managed)),
})

/** There is one of it: electing a leader would only cost a minute after a crash. */
function managed(container: Readonly<Record<string, unknown>> & { readonly name: string }): typeof container {
  if (container.name !== 'manager') return container
  const args = (container['args'] ?? []) as readonly string[]
  return { ...container, image, args: args.filter((arg) => arg !== '--leader-elect') }
}

interface Workload {
  readonly template: { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } }
}

/** Never two at once; and with the label by which upstream's own network policy lets it reach its workspaces. */
function alone(object: KubeObject): KubeObject {
  if (object.kind !== 'Deployment') return object
  const spec = object['spec'] as Workload
  const { metadata } = spec.template
  const labels = { ...metadata?.labels, 'app.kubernetes.io/name': 'pulumi-kubernetes-operator' }
  const template = { ...spec.template, metadata: { ...metadata, labels } }
  return { ...object, spec: { ...spec, strategy: { type: 'Recreate' }, template } }
}
