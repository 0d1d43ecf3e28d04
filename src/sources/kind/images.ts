/** Brings component images into the nodes: those of a bundle that the node image does not hold already. */
import type { ClusterAccess, KubeObject } from '../../domain/cluster.ts'
import { PlayError } from '../../domain/errors.ts'
import { clusterName } from '../../domain/playground.ts'
import type { ContainerEngine } from '../../domain/ports.ts'
import type { SourceContext } from '../../domain/source.ts'
import { defineStep, type Scope, type Step } from '../../engine/step.ts'
import type { Preflight } from './preflight.ts'

/** An image that is in the bundle and not in these nodes. */
interface Lacking {
  readonly reference: string
  readonly archive: string
  readonly nodes: readonly string[]
}

/** The step; it has nothing to do where the nodes hold everything, or where they pull for themselves. */
export function loadImagesStep(
  { ports, state, timeoutMs }: SourceContext,
  { engine, image }: Preflight,
  access: Step<ClusterAccess>,
  manifests: readonly Step<readonly KubeObject[]>[],
): Step<object> {
  const archives = async (scope: Scope): Promise<ReadonlyMap<string, string>> => {
    const held = new Set(scope.use(image).contains)
    const wanted = manifests
      .flatMap((manifest) => imagesOf(scope.use(manifest)))
      .filter((each) => !held.has(each))
    const artifacts = await ports.artifacts()
    const found = new Map<string, string>()
    for (const reference of new Set(wanted)) {
      const archive = await artifacts.image(reference, scope.signal)
      if (archive !== undefined) found.set(reference, archive)
    }
    return found
  }
  const lacking = async (scope: Scope): Promise<readonly Lacking[]> => {
    const wanted = await archives(scope)
    if (wanted.size === 0) return []
    const nodes = await imagesOfNodes(scope.use(engine), clusterName(state.spec.name), scope.signal)
    const without = (reference: string): string[] =>
      [...nodes].filter(([, images]) => !images.has(reference)).map(([node]) => node)
    return [...wanted]
      .map(([reference, archive]) => ({ reference, archive, nodes: without(reference) }))
      .filter((each) => each.nodes.length > 0)
  }
  return defineStep<object>({
    id: 'cluster.images',
    title: 'Load images into the nodes',
    after: [engine, image, access, ...manifests],
    timeoutMs,
    check: async (scope) => ((await lacking(scope)).length === 0 ? {} : undefined),
    async run(scope) {
      for (const { reference, archive, nodes } of await lacking(scope)) {
        scope.report.progress(reference)
        for (const node of nodes) await importImage(scope.use(engine), node, archive, reference, scope.signal)
      }
      return {}
    },
  })
}

/** The references that containerd of each running node knows, by the node's name. */
async function imagesOfNodes(
  engine: ContainerEngine,
  cluster: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const nodes = await engine.clusterContainers(cluster, signal)
  const command = ['ctr', '--namespace', 'k8s.io', 'images', 'list', '--quiet']
  const lists = await Promise.all(
    nodes.map(async ({ name }) => {
      const { stdout } = await engine.exec(name, command, signal)
      return [name, new Set(stdout.split('\n'))] as const
    }),
  )
  return new Map(lists)
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
  throw PlayError.of(
    'ENGINE_FAILED',
    { engine: engine.name, what: `load ${reference} into ${node}` },
    { details },
  )
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
