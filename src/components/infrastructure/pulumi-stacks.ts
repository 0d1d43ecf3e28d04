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
    const place = { apiVersion, kind: 'Stack', namespace: stacksNamespace }
    const stop = new AbortController()
    const until = AbortSignal.any([signal, stop.signal])
    const changes = client.watch({ ...place, fieldSelector: `metadata.name=${name}` }, until)
    const iterator = changes[Symbol.asyncIterator]()
    const first = iterator.next()
    try {
      // Asked behind the watch, which tells of nothing where there is nothing.
      if ((await client.get({ ...place, name }, signal)) === undefined) yield absent
      for (let change = await first; change.done !== true; change = await iterator.next())
        yield change.value.type === 'deleted' ? absent : stackState(change.value.object)
    } finally {
      stop.abort()
      // Whoever stops listening does not hear how the watch ends.
      await first.catch(() => undefined)
    }
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
  readonly lastUpdate?: { readonly message?: string; readonly state?: string; readonly generation?: number }
  readonly outputs?: Readonly<Record<string, unknown>>
}

/** How a Stack is doing, by its status. A program that failed has failed, though the operator tries some times more. */
export function stackState(stack: KubeObject): DeclarationState {
  const status = (stack['status'] ?? {}) as Status
  const holding = (status.conditions ?? []).filter((condition) => condition.status === 'True')
  const phase = phaseOf(stack, status, new Set(holding.map(({ type }) => type)))
  const reason = holding.find(({ type }) => type !== 'Ready')?.message
  const failure = phase === 'failed' ? status.lastUpdate?.message : undefined
  return { phase, message: [reason, failure].filter(Boolean).join(': '), outputs: status.outputs ?? {} }
}

function phaseOf(
  { metadata }: KubeObject,
  { observedGeneration, lastUpdate }: Status,
  conditions: ReadonlySet<string>,
): DeclarationState['phase'] {
  if (metadata['deletionTimestamp'] !== undefined) return 'deleting'
  if (observedGeneration === undefined) return 'waiting'
  if (observedGeneration !== metadata['generation']) return 'running'
  if (conditions.has('Ready')) return 'succeeded'
  const hasFailed = lastUpdate?.state === 'failed' && lastUpdate.generation === observedGeneration
  return hasFailed || conditions.has('Stalled') ? 'failed' : 'running'
}
