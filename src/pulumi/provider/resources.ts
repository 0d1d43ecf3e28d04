/** The resource that programs use for a kind cluster, and the inputs that travel to the plug-in. */
import type { PortMapping } from '../../domain/port-mapping.ts'
import { CustomResource, type CustomResourceOptions, type Output } from '@pulumi/pulumi'

/** Pulumi's type token of a kind cluster. */
export const kindClusterType = 'play:index:KindCluster'

/** A file or folder of the machine seen inside every node. */
export interface Mount {
  readonly hostPath: string
  readonly containerPath: string
  readonly readOnly: boolean
}

/** Everything that makes one kind cluster differ from another. */
export interface KindClusterInputs {
  readonly name: string
  /** Nodes in all; the first is the control plane. */
  readonly nodes: number
  readonly kubernetesVersion: string
  readonly image: string
  readonly portMappings: readonly PortMapping[]
  readonly mounts: readonly Mount[]
  /** TOML patches, as kind takes them. */
  readonly containerdConfigPatches: readonly string[]
}

/** A kind cluster. The kubeconfig is a secret and no output: it is read from the node. */
export class KindCluster extends CustomResource {
  declare readonly endpoint: Output<string>
  declare readonly context: Output<string>

  constructor(name: string, inputs: KindClusterInputs, options?: CustomResourceOptions) {
    super(kindClusterType, name, { endpoint: undefined, context: undefined, ...inputs }, options)
  }
}
