/** The slot `infrastructure` in the operator's words: a Program, a Stack that runs it, and the Stack's status. */
import type { KubeObject } from '../../domain/cluster.ts'
import { PlayError } from '../../domain/errors.ts'
import type { DeclarationState, Infrastructure } from '../../domain/infrastructure.ts'
import { workspaceImage } from './pulumi-operator.ts'
import { claim, passphrase, serviceAccount, stacksNamespace } from './stack-place.ts'

const apiVersion = 'pulumi.com/v1'
/** Pulumi's limit for the name of a stack of a Stack. */
const longestName = 42

/** What play asks of the operator. */
export const pulumiStacks: Infrastructure = {
  namespace: stacksNamespace,
  objects: ({ name, program }) => {
    if (name.length > longestName)
      throw PlayError.of('USAGE_INVALID', { reason: `${name} has over 42 characters` })
    const metadata = { name, namespace: stacksNamespace }
    return [
      { apiVersion, kind: 'Program', metadata, program },
      { apiVersion, kind: 'Stack', metadata, spec: stackSpec(name) },
    ]
  },
  async *observe(client, name, signal) {
    const ref = {
      apiVersion,
      kind: 'Stack',
      namespace: stacksNamespace,
      fieldSelector: `metadata.name=${name}`,
    }
    yield absent
    for await (const { type, object } of client.watch(ref, signal))
      yield type === 'deleted' ? absent : stackState(object)
  },
}

const absent: DeclarationState = { phase: 'absent', message: '', outputs: {} }

/** Root writes the state, since a volume that is a folder of a node belongs to root. */
function stackSpec(program: string): Readonly<Record<string, unknown>> {
  const literal = (value: string): object => ({ type: 'Literal', literal: { value } })
  const state = 'state'
  return {
    serviceAccountName: serviceAccount,
    programRef: { name: program },
    stack: 'play',
    backend: `file:///${state}`,
    destroyOnFinalize: true,
    envRefs: {
      PULUMI_CONFIG_PASSPHRASE: { type: 'Secret', secret: passphrase },
      PULUMI_SKIP_UPDATE_CHECK: literal('true'),
    },
    workspaceTemplate: {
      spec: {
        image: workspaceImage,
        imagePullPolicy: 'IfNotPresent',
        securityProfile: 'baseline',
        podTemplate: {
          spec: {
            terminationGracePeriodSeconds: 30,
            containers: [{ name: 'pulumi', volumeMounts: [{ name: state, mountPath: `/${state}` }] }],
            volumes: [{ name: state, persistentVolumeClaim: { claimName: claim } }],
          },
        },
      },
    },
  }
}

interface Condition {
  readonly type: string
  readonly status: string
  readonly message?: string
}

interface Status {
  readonly observedGeneration?: number
  readonly conditions?: readonly Condition[]
  readonly lastUpdate?: { readonly message?: string; readonly state?: string }
  readonly outputs?: Readonly<Record<string, unknown>>
}

/** How a Stack is doing, by its status. */
export function stackState(stack: KubeObject): DeclarationState {
  const { lastUpdate, outputs = {}, ...others } = (stack['status'] ?? {}) as Status
  const holding = (others.conditions ?? []).filter(({ status }) => status === 'True')
  const find = (type: string): Condition | undefined => holding.find((condition) => condition.type === type)
  const stalled = find('Stalled')
  const reason = (stalled ?? find('Reconciling'))?.message
  const failure = stalled === undefined ? undefined : lastUpdate?.message
  const message = [reason, failure].filter(Boolean).join(': ')
  return { phase: phaseOf(stack, others, holding), message, outputs }
}

function phaseOf(
  { metadata }: KubeObject,
  { observedGeneration }: Status,
  holding: readonly Condition[],
): DeclarationState['phase'] {
  if (metadata['deletionTimestamp'] !== undefined) return 'deleting'
  if (observedGeneration === undefined) return 'waiting'
  if (observedGeneration !== metadata['generation']) return 'running'
  const types = holding.map(({ type }) => type)
  if (types.includes('Stalled')) return 'failed'
  return types.includes('Ready') ? 'succeeded' : 'running'
}
