/** What keeps a pod of a component from running, as far as waiting may not mend it; pure. */
import type { KubeObject } from '../../domain/cluster.ts'

/** An image that could not be pulled, with the words of kubelet and registry. */
export interface ImageTrouble {
  readonly kind: 'image'
  readonly container: string
  readonly image: string
  readonly reason: string
  /** True when trying again gives the same answer, as far as the words tell. */
  readonly definitive: boolean
}

/** A container that ends as often as it is started. */
export interface CrashTrouble {
  readonly kind: 'crash'
  readonly container: string
  readonly restarts: number
  /** How it ended last. */
  readonly end: string
  /** True when it has been crashing for minutes without a pause. */
  readonly lasting: boolean
}

/** What is wrong with a pod. */
export type PodTrouble = ImageTrouble | CrashTrouble

interface ContainerStatus {
  readonly name: string
  readonly image?: string
  readonly restartCount?: number
  readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } }
  readonly lastState?: {
    readonly terminated?: { readonly exitCode?: number; readonly reason?: string }
  }
}

/** Reasons of kubelet for a container whose image is not there (pkg/kubelet/images/types.go). */
const imageReasons = [
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'RegistryUnavailable',
  'SignatureValidationFailed',
]

/** Answers of registries and resolvers that stay the same, and two reasons for which nobody is even asked. */
const definitive =
  /not found|manifest unknown|no such host|unauthorized|denied|forbidden|pull policy of Never|InvalidImageName|ErrImageNeverPull/i

/** What is wrong with a pod now; undefined while it runs, starts or is about to go. */
export function troubleOf(pod: KubeObject): PodTrouble | undefined {
  if (pod.metadata['deletionTimestamp'] !== undefined) return undefined
  const status = (pod['status'] ?? {}) as Readonly<Record<string, readonly ContainerStatus[] | undefined>>
  const containers = [...(status['initContainerStatuses'] ?? []), ...(status['containerStatuses'] ?? [])]
  return containers.flatMap((container) => troubleWith(container, pod) ?? [])[0]
}

function troubleWith(container: ContainerStatus, pod: KubeObject): PodTrouble | undefined {
  const { name, restartCount: restarts = 0, state } = container
  const { reason = '', message = '' } = state?.waiting ?? {}
  if (imageReasons.includes(reason)) {
    const words = [reason, message].filter(Boolean).join(': ')
    const image = wantedImage(pod, name) ?? container.image ?? ''
    return { kind: 'image', container: name, image, reason: words, definitive: definitive.test(words) }
  }
  if (reason !== 'CrashLoopBackOff') return undefined
  // Doubles with each crash in a row from 10 s on, and begins anew with kubelet, unlike the count of restarts.
  const lasting = /back-off (2m40s|5m0s) /.test(message)
  return { kind: 'crash', container: name, restarts, end: endOf(container), lasting }
}

/** As the pod spells it: the status may have the name that the runtime made of it, or none. */
function wantedImage(pod: KubeObject, container: string): string | undefined {
  const spec = (pod['spec'] ?? {}) as Readonly<
    Record<string, readonly { name: string; image?: string }[] | undefined>
  >
  const all = [...(spec['initContainers'] ?? []), ...(spec['containers'] ?? [])]
  return all.find(({ name }) => name === container)?.image
}

function endOf({ lastState }: ContainerStatus): string {
  const { exitCode, reason = 'Error' } = lastState?.terminated ?? {}
  if (exitCode === undefined) return 'for an unknown reason'
  // "Error" and "Completed" say no more than the number.
  const why = ['Error', 'Completed'].includes(reason) ? '' : ` (${reason})`
  return `with exit code ${String(exitCode)}${why}`
}
