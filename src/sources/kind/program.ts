/** The Pulumi program of a playground on kind: one cluster. */
import { KindCluster, type KindClusterInputs } from '../../pulumi/provider/resources.ts'

/** Makes the inline program; it registers the cluster and has no outputs. */
export function kindProgram(inputs: KindClusterInputs): () => Promise<void> {
  return () => {
    new KindCluster('cluster', inputs)
    return Promise.resolve()
  }
}
