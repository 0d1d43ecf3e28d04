/** Brings component images into the nodes: those of a bundle that the node image does not hold already. */
import type { ClusterAccess, KubeObject } from '../../domain/cluster.ts'
import { alsoRunsAnnotation, componentLabel } from '../../domain/component.ts'
import { PlayError } from '../../domain/errors.ts'
import { clusterName } from '../../domain/playground.ts'
import type { Artifacts, ContainerEngine } from '../../domain/ports.ts'
import type { SourceContext } from '../../domain/source.ts'
import { defineStep, type Scope, type Step } from '../../engine/step.ts'
import type { Preflight } from './preflight.ts'

/**
 * With a bundle nothing is pulled, so an image that is nowhere would only be missed by a pod, minutes later. Nodes that
 * are there may hold what a former bundle had.
 */
export function requireImagesStep(
  { ports, state }: SourceContext,
  { engine, seen }: Preflight,
  manifests: readonly Step<readonly KubeObject[]>[],
): Step<object> {
  const { name, kubernetesVersion } = state.spec
  return defineStep<object>({
    id: 'preflight.images',
    title: 'See whether all images are there',
    after: [engine, seen, ...manifests],
    readOnly: true,
    async run(scope) {
      const artifacts = await ports.artifacts()
      // Stopped nodes cannot be asked what they hold.
      if (!artifacts.bundled || scope.use(seen).is === 'stopped') return {}
      const held = new Set((await artifacts.nodeImage(kubernetesVersion, scope.signal)).contains)
      const wanted = manifests.flatMap((manifest) => scope.use(manifest))
      for (const object of wanted)
        for (const image of imagesOf([object])) {
          if (held.has(image) || (await isBundled(artifacts, image, scope.signal))) continue
          if (await everyNodeHolds(scope.use(engine), clusterName(name), image, scope.signal)) continue
          const component = object.metadata.labels?.[componentLabel] ?? object.metadata.name
          throw PlayError.of('BUNDLE_LACKS_IMAGE', { image, component, name })
        }
      return {}
    },
  })
}

/** Offline the artifacts say by an error that an image is nowhere, but not which component wants it. */
async function isBundled(artifacts: Artifacts, image: string, signal: AbortSignal): Promise<boolean> {
  try {
    return (await artifacts.image(image, signal)) !== undefined
  } catch (error) {
    if (error instanceof PlayError && error.id === 'ARTIFACT_MISSING') return false
    throw error
  }
}

async function everyNodeHolds(
  engine: ContainerEngine,
  cluster: string,
  image: string,
  signal: AbortSignal,
): Promise<boolean> {
  const nodes = await imagesOfNodes(engine, cluster, signal)
  return nodes.size > 0 && [...nodes.values()].every((images) => images.has(image))
}

/** An image that is in the bundle and not in these nodes. */
interface Lacking {
  readonly reference: string
  readonly archive: string
  readonly nodes: readonly string[]
}

/** Which images a step loads, and what it stands behind. */
export interface Loading {
  readonly manifests: readonly Step<readonly KubeObject[]>[]
  readonly access: Step<ClusterAccess>
  /** What pods of the manifests run, or what controllers will have pods run. */
  readonly which: 'now' | 'later'
  readonly after: readonly Step<unknown>[]
}

/** The step; it has nothing to do where the nodes hold everything, or where they pull for themselves. */
export function loadImagesStep(
  { ports, state, timeoutMs }: SourceContext,
  { engine, image }: Preflight,
  { manifests, access, which, after }: Loading,
): Step<object> {
  const archives = async (scope: Scope): Promise<ReadonlyMap<string, string>> => {
    const held = new Set(scope.use(image).contains)
    const artifacts = await ports.artifacts()
    const objects = manifests.flatMap((manifest) => scope.use(manifest))
    const later = (): string[] =>
      artifacts.bundled ? imagesForLater(objects).filter((each) => artifacts.canHaveImage(each)) : []
    const wanted = (which === 'now' ? imagesOf(objects) : later()).filter((each) => !held.has(each))
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
    id: which === 'now' ? 'cluster.images' : 'cluster.images-for-later',
    title: which === 'now' ? 'Load images into the nodes' : 'Load images that pods may run later',
    after: [engine, image, access, ...manifests, ...after],
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

interface Container {
  readonly image?: string
  readonly args?: readonly string[]
}

interface PodSpec {
  readonly containers?: readonly Container[]
  readonly initContainers?: readonly Container[]
}

/** The images that the workloads of a manifest run, and those that a controller is told to run: `--executor-image REF`. */
export function imagesOf(objects: readonly KubeObject[]): string[] {
  return objects.flatMap((object) => {
    const spec = object['spec'] as { template?: { spec?: PodSpec } } | undefined
    const pod = spec?.template?.spec
    return [...(pod?.containers ?? []), ...(pod?.initContainers ?? [])].flatMap(imagesIn)
  })
}

/** What controllers may have pods run, some day: a bundle need not have it. */
function imagesForLater(objects: readonly KubeObject[]): string[] {
  return objects.flatMap(({ metadata }) => metadata.annotations?.[alsoRunsAnnotation]?.split(' ') ?? [])
}

function imagesIn({ image, args = [] }: Container): string[] {
  const told = args.filter((_, index) => /^--[a-z-]+-image$/.test(args[index - 1] ?? ''))
  return [...(image === undefined ? [] : [image]), ...told]
}
