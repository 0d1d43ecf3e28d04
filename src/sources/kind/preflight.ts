/** Steps before a kind cluster is made: is everything there, and is the name ours to use? */
import { PlayError } from '../../domain/errors.ts'
import { clusterName, type PlaygroundState } from '../../domain/playground.ts'
import type { ContainerEngine, FoundArtifact, NodeImage, Ports } from '../../domain/ports.ts'
import type { SourceContext } from '../../domain/source.ts'
import { defineStep, type Scope, type Step } from '../../engine/step.ts'
import { judge, type ClusterSeen } from './ownership.ts'

/** Room for the node image once loaded and for a node at work. */
const neededGiB = 6

/** The tools that making a cluster needs. */
export interface KindTools {
  readonly kind: FoundArtifact
  readonly pulumi: FoundArtifact
}

/** The preflight steps and their outputs. */
export interface Preflight {
  readonly engine: Step<ContainerEngine>
  readonly seen: Step<ClusterSeen>
  readonly tools: Step<KindTools>
  readonly image: Step<NodeImage>
  /** Empty when no port is to be published. */
  readonly ports: readonly Step<object>[]
}

/** Makes the preflight steps. What stands under the name is only looked at once `after` has ended. */
export function preflightSteps(
  { ports, state, folder }: SourceContext,
  after: readonly Step<unknown>[],
): Preflight {
  const engine = defineStep({
    id: 'preflight.engine',
    title: 'Find a container engine',
    readOnly: true,
    run: ({ signal }) => ports.engine(signal, state.engine),
    describe: ({ name }) => name,
  })
  const seen = defineStep<ClusterSeen>({
    id: 'preflight.name',
    title: 'See what stands under the name',
    after: [engine, ...after],
    readOnly: true,
    async run(scope) {
      const containers = await scope.use(engine).clusterContainers(clusterName(state.spec.name), scope.signal)
      const look = judge(containers, folder)
      if (look.is === 'foreign') {
        throw PlayError.of('CLUSTER_FOREIGN', { cluster: clusterName(state.spec.name), reason: look.reason })
      }
      return look
    },
    describe: ({ is }) => (is === 'absent' ? 'nothing yet' : `our cluster, ${is}`),
  })
  return {
    engine,
    seen,
    tools: toolsStep(ports),
    image: imageStep(ports, state, engine, seen),
    ports: portSteps(ports, state, seen),
  }
}

function toolsStep(ports: Ports): Step<KindTools> {
  return defineStep<KindTools>({
    id: 'preflight.tools',
    title: 'Find kind and Pulumi',
    readOnly: true,
    async run({ signal, report }) {
      const artifacts = await ports.artifacts()
      const [kind, pulumi] = await Promise.all([
        artifacts.tool('kind', signal, report),
        artifacts.tool('pulumi', signal, report),
      ])
      return { kind, pulumi }
    },
    describe: ({ kind, pulumi }) => `kind ${kind.version}, pulumi ${pulumi.version} (${kind.origin})`,
  })
}

function portSteps({ loopback }: Ports, { spec }: PlaygroundState, seen: Step<ClusterSeen>): Step<object>[] {
  const wanted = spec.ports ?? []
  if (wanted.length === 0) return []
  const step = defineStep<object>({
    id: 'preflight.ports',
    title: 'See whether the ports are free',
    after: [seen],
    readOnly: true,
    async run(scope) {
      // A cluster that is there holds its ports itself.
      if (scope.use(seen).is !== 'absent') return {}
      for (const { hostPort } of wanted) {
        if (!(await loopback.isFree(hostPort))) throw PlayError.of('PORT_TAKEN', { port: hostPort })
      }
      return {}
    },
  })
  return [step]
}

function imageStep(
  ports: Ports,
  state: PlaygroundState,
  engine: Step<ContainerEngine>,
  seen: Step<ClusterSeen>,
): Step<NodeImage> {
  return defineStep<NodeImage>({
    id: 'preflight.image',
    title: `Load the node image of Kubernetes ${state.spec.kubernetesVersion}`,
    after: [engine, seen],
    async check(scope) {
      const image = await (await ports.artifacts()).nodeImage(state.spec.kubernetesVersion, scope.signal)
      // A cluster that is there has no more need of its image; without an archive kind pulls it.
      if (image.archive === undefined || scope.use(seen).is !== 'absent') return image
      return (await scope.use(engine).imageExists(image.reference, scope.signal)) ? image : undefined
    },
    async run(scope) {
      const image = await (await ports.artifacts()).nodeImage(state.spec.kubernetesVersion, scope.signal)
      await requireDisk(scope.use(engine), scope)
      if (image.archive !== undefined) {
        scope.report.progress(`into ${scope.use(engine).name}`)
        await scope.use(engine).loadImage(image.archive, scope.signal)
      }
      return image
    },
    describe: ({ reference }) => reference,
  })
}

async function requireDisk(engine: ContainerEngine, { signal, report }: Scope): Promise<void> {
  const disk = await engine.disk(signal).catch((error: unknown) => {
    signal.throwIfAborted()
    // Docker Desktop keeps images on a disk of its own that nobody here can measure; a full one says so itself.
    report.progress(error instanceof Error ? error.message : String(error))
    return undefined
  })
  if (disk === undefined) return
  const { path, freeBytes } = disk
  const freeGiB = freeBytes / 1024 ** 3
  if (freeGiB >= neededGiB) return
  throw PlayError.of('DISK_FULL', {
    where: path,
    neededGiB,
    freeGiB,
    prune: `${engine.name} system prune --all`,
  })
}
