/** A registry as pods of a real cluster meet it, for its contract. */
import { randomUUID } from 'node:crypto'
import { vi } from 'vitest'
import type { Registry } from '../../src/domain/registry-slot.ts'
import type { RegistryWorld } from '../contract/registry.contract.ts'
import type { Sandbox } from './playground.ts'

interface Pod {
  readonly status?: {
    readonly phase?: string
    readonly containerStatuses?: readonly {
      readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } }
    }[]
  }
}

/** The registry of the sandbox's current context, where BuildKit is installed. */
export function registryWorld(sandbox: Sandbox, registry: Registry): RegistryWorld {
  const kubectl = (...args: readonly string[]): Promise<string> => sandbox.tool('kubectl', args)
  // Only there is what opens it.
  const namespace = registry.credentials?.namespace ?? 'default'
  const secrets = registry.credentials === undefined ? [] : [{ name: registry.credentials.name }]
  const overrides = JSON.stringify({ apiVersion: 'v1', spec: { imagePullSecrets: secrets } })
  const end = async (pod: string): Promise<Pod['status']> =>
    vi.waitUntil(
      async () => {
        const { status } = JSON.parse(await kubectl('get', 'pod', pod, '-n', namespace, '-o', 'json')) as Pod
        const isOver = /^(Succeeded|Failed)$/.test(status?.phase ?? '') || waiting(status) !== ''
        return isOver ? status : undefined
      },
      { timeout: 60_000, interval: 500 },
    )
  return {
    registry,
    exec: (where, workload, command) => kubectl('exec', '-n', where, workload, '--', ...command),
    async runPod(image) {
      const pod = `registry-${randomUUID().slice(0, 8)}`
      const how = [`--image=${image}`, '--restart=Never', `--overrides=${overrides}`]
      await kubectl('run', pod, '-n', namespace, ...how)
      try {
        const status = await end(pod)
        if (status?.phase !== 'Succeeded')
          throw new Error(waiting(status) || `the pod is ${status?.phase ?? ''}`)
        return await kubectl('logs', '-n', namespace, pod)
      } finally {
        await kubectl('delete', 'pod', '-n', namespace, pod, '--wait=false')
      }
    },
    end: () => Promise.resolve(),
  }
}

/** Why the image is not to be had; empty while that is not known. */
function waiting(status: Pod['status']): string {
  const { reason = '', message = '' } = status?.containerStatuses?.[0]?.state?.waiting ?? {}
  return /^(ErrImagePull|ImagePullBackOff|InvalidImageName)$/.test(reason) ? `${reason}: ${message}` : ''
}
