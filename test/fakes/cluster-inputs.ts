/** The cluster that tests of the provider make. */
import type { KindClusterInputs } from '../../src/pulumi/provider/resources.ts'

/** What the engine is asked to make. */
export const inputs: KindClusterInputs = {
  name: 'play-dev',
  nodes: 1,
  kubernetesVersion: '1.34.10',
  image: 'kindest/node:v1.34.10',
  portMappings: [],
  mounts: [{ hostPath: '/state/dev/owner-1', containerPath: '/kind/play-owner', readOnly: true }],
  containerdConfigPatches: [],
}
