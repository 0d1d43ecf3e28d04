/** What pods use, by the summary of each node's kubelet (`/stats/summary`), which the API server passes on. */
import type { PodMemory } from '../../domain/ports.ts'
import type { Api } from './api.ts'

/** Without volumes and network, which take a kubelet far longer to sum up (kubelet, pkg/kubelet/server/stats/handler.go). */
const summaryPath = 'proxy/stats/summary?only_cpu_and_memory=true'

/** Memory of every pod. Throws ApiStatusError, ConnectionError or the abort reason; nothing is tried again. */
export async function readPodMemory(api: Api, signal: AbortSignal): Promise<readonly PodMemory[]> {
  const timeoutMs = api.times.statsMs
  const nodes = await api.listAll({ apiVersion: 'v1', kind: 'Node', metadataOnly: true }, signal)
  const summaries = await Promise.all(
    nodes.items.map(({ metadata }) => {
      const path = `/api/v1/nodes/${encodeURIComponent(metadata.name)}/${summaryPath}`
      return api.transport.json({ method: 'GET', path, signal, timeoutMs })
    }),
  )
  return summaries.flatMap(podsOf)
}

interface Memory {
  readonly workingSetBytes?: number
}

interface Summary {
  readonly pods?: readonly {
    readonly podRef: { readonly namespace: string; readonly name: string }
    readonly memory?: Memory
    readonly containers?: readonly { readonly memory?: Memory }[]
  }[]
}

function podsOf(summary: unknown): PodMemory[] {
  return ((summary as Summary | null)?.pods ?? []).map(({ podRef, memory, containers = [] }) => {
    const { namespace, name } = podRef
    const ofContainers = containers.reduce((sum, one) => sum + (one.memory?.workingSetBytes ?? 0), 0)
    return { namespace, name, usedBytes: memory?.workingSetBytes ?? ofContainers }
  })
}
