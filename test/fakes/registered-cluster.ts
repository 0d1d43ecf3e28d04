/** Runs a stack's program as Pulumi's unit tests do, and answers the cluster that it asks for. */
import type { KindClusterInputs } from '../../src/pulumi/provider/resources.ts'

let last: Promise<unknown> = Promise.resolve()

/** One at a time: Pulumi's mocks are there once per process. */
export function registeredCluster(program: () => Promise<void>): Promise<KindClusterInputs> {
  const next = last.then(() => register(program))
  last = next.catch(() => undefined)
  return next
}

async function register(program: () => Promise<void>): Promise<KindClusterInputs> {
  const { runtime } = await import('@pulumi/pulumi')
  return new Promise((resolve, reject) => {
    const newResource = ({
      name,
      inputs,
    }: {
      name: string
      inputs: unknown
    }): { id: string; state: object } => {
      resolve(inputs as KindClusterInputs)
      return { id: name, state: inputs as object }
    }
    runtime
      .setMocks({ newResource, call: () => ({}) }, 'play', 'test', false)
      .then(program)
      .catch(reject)
  })
}
