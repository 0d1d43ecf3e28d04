/** Brings component images into the nodes: those of a bundle that the node image does not hold already. */
import type { ClusterAccess, KubeObject } from '../../domain/cluster.ts'
import { PlayError } from '../../domain/errors.ts'
import { clusterName } from '../../domain/playground.ts'
import type { ContainerEngine } from '../../domain/ports.ts'
import type { SourceContext } from '../../domain/source.ts'
import { defineStep, type Scope, type Step } from '../../engine/step.ts'
import type { Preflight } from './preflight.ts'

/** The step; it has nothing to do where the node image holds everything, or where nodes pull for themselves. */
export function loadImagesStep(
  { ports, state, timeoutMs }: SourceContext,
  { engine, image }: Preflight,
  access: Step<ClusterAccess>,
  manifests: readonly Step<readonly KubeObject[]>[],
): Step<object> {
  const archives = async (scope: Scope): Promise<ReadonlyMap<string, string>> => {
    const held = new Set(scope.use(image).contains)
    const wanted = manifests.flatMap((manifest) => imagesOf(scope.use(manifest))).filter((each) => !held.has(each))
    const artifacts = await ports.artifacts()
    const found = new Map<string, string>()
    for (const reference of new Set(wanted)) {
      const archive = await artifacts.image(reference, scope.signal)
      if (archive !== undefined) found.set(reference, archive)
    }
    return found
  }
  return defineStep<object>({
    id: 'cluster.images',
    title: 'Load images into the nodes',
    after: [engine, image, access, ...manifests],
    timeoutMs,
    check: async (scope) => ((await archives(scope)).size === 0 ? {} : undefined),
    async run(scope) {
      const nodes = await scope.use(engine).clusterContainers(clusterName(state.spec.name), scope.signal)
      for (const [reference, archive] of await archives(scope)) {
        scope.report.progress(reference)
        for (const { name } of nodes) await importImage(scope.use(engine), name, archive, reference, scope.signal)
      }
      return {}
    },
  })
}

async function importImage(
  engine: ContainerEngine,
  node: string,
  archive: string,
  reference: string,
  signal: AbortSignal,
): Promise<void> {
  const command = ['ctr', '--namespace', 'k8s.io', 'images', 'import', '--digests=false', '-']
  const { exitCode, stderr } = await engine.exec(node, command, signal, archive)
  if (exitCode === 0) return
  const details = stderr.trim().split('\n').slice(-40)
  throw PlayError.of('ENGINE_FAILED', { engine: engine.name, what: `load ${reference} into ${node}` }, { details })
}

interface PodSpec {
  readonly containers?: readonly { readonly image?: string }[]
  readonly initContainers?: readonly { readonly image?: string }[]
}

/** The images that the workloads of a manifest run. */
export function imagesOf(objects: readonly KubeObject[]): string[] {
  return objects.flatMap((object) => {
    const spec = object['spec'] as { template?: { spec?: PodSpec } } | undefined
    const pod = spec?.template?.spec
    return [...(pod?.containers ?? []), ...(pod?.initContainers ?? [])].flatMap(({ image }) => image ?? [])
  })
}
