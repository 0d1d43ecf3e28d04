/** Steps that put the platform into git and have the cluster manage itself from there. */
import { digestAnnotation, rootLabel, type Slot } from '../../domain/component.ts'
import { PlayError } from '../../domain/errors.ts'
import type { KubeObject } from '../../domain/cluster.ts'
import type {
  HandOverOptions,
  HandOverSteps,
  PlatformRepository,
  Publication,
  Published,
  Remembered,
} from '../../domain/hand-over.ts'
import type { ClusterClient } from '../../domain/ports.ts'
import type { ApplicationState } from '../../domain/slots.ts'
import { defineStep, type Scope, type Step } from '../../engine/step.ts'
import { clusterOrigin } from '../git/git-daemon.ts'
import { externalRepository } from '../git/external-repository.ts'
import { publishedBy } from '../git/publication.ts'
import { clusterRepository } from '../git/repository.ts'
import { digestOfHashes, type ContentHashes } from '../git/tree.ts'
import { argoApplications } from '../gitops/argo-applications.ts'
import { externalSteps, type Owner } from './external-git-steps.ts'
import {
  applicationsOf,
  digestsOfInputs,
  isPathOf,
  readmePath,
  treeOf,
  type Applications,
  type Installed,
  type Origin,
} from './hand-over.ts'

/** Makes the steps; undefined unless there is a repository, the person's own or that of `git`, and one component fills `gitops`. */
export function handOverSteps(options: HandOverOptions): HandOverSteps | undefined {
  const { installs, kept } = options
  const components = [...installs.map(({ component }) => component), ...(kept?.components ?? [])]
  const hasGit = components.some(({ slot }) => slot === 'git')
  const component = components.find(({ slot }) => slot === 'gitops')
  const external = externalOf(options)
  if (component === undefined || (!hasGit && external === undefined)) return undefined
  const readyOf = (slot: Slot): Step<unknown>[] =>
    installs.filter(({ component }) => component.slot === slot).map(({ steps }) => steps.ready)
  const gitOps: Owner = { component, ready: readyOf('gitops') }
  const place: Place = {
    origin: external ?? clusterOrigin,
    after: external === undefined ? readyOf('git') : [],
    open: async ({ use }) => external ?? clusterRepository(await options.client(use(options.access))),
  }
  const { root, parts } = applicationsOf(components, argoApplications, options.root, place.origin)
  const ids = installs.map(({ component: { id } }) => id)
  const applications = { root, parts: parts.filter(({ metadata: { name } }) => ids.includes(name)) }
  const { preflight, access } = externalSteps(options, external, gitOps)
  const publishing = publishStep(options, applications, place)
  const adopt = adoptStep(options, applications, [publishing, ...access], publishing, gitOps)
  const synced = syncedStep(options, applications, adopt)
  const known = kept === undefined ? [] : [knownStep(options, kept.name)]
  return { preflight: [...preflight, ...known], access, publish: publishing, adopt, synced }
}

/** Without what was published last, the files of the components that are kept could not stay as they are. */
function knownStep({ former }: HandOverOptions, name: string): Step<object> {
  return defineStep<object>({
    id: 'preflight.published',
    title: 'Look what was published last',
    readOnly: true,
    async run() {
      if ((await former()) === undefined) throw PlayError.of('PUBLISHED_UNKNOWN', { name })
      return {}
    },
  })
}

function externalOf({ external, root, former }: HandOverOptions): PlatformRepository | undefined {
  if (external === undefined) return undefined
  return externalRepository({ ...external, root, hasPublished: async () => (await former()) !== undefined })
}

/** The repository that holds the platform: known before anything runs, and once `after` has ended. */
interface Place {
  readonly origin: Origin
  readonly after: readonly Step<unknown>[]
  readonly open: (scope: Scope) => Promise<PlatformRepository>
}

function publishStep(options: HandOverOptions, { parts }: Applications, place: Place): Step<Published> {
  const { installs, kept, access, timeoutMs, former, remember } = options
  const { branch } = place.origin
  const installed = ({ use }: Scope): Installed[] =>
    installs.map(({ component, steps }) => ({ component, objects: use(steps.manifest) }))
  const inputsOf = (scope: Scope, known: Remembered | undefined): ContentHashes => {
    const wanted = digestsOfInputs(installed(scope), parts, branch)
    if (kept === undefined) return wanted
    return { ...known?.inputs, ...wanted, [readmePath]: known?.inputs[readmePath] ?? '' }
  }
  return defineStep<Published>({
    id: 'gitops.publish',
    title: 'Commit the platform to git',
    after: [access, ...place.after, ...installs.map(({ steps }) => steps.manifest)],
    timeoutMs,
    async check(scope) {
      const [last, known] = await Promise.all([
        (await place.open(scope)).lastPublished(scope.signal),
        former(),
      ])
      // A run that ended between its commit and its note of it left the note for the next one.
      if (last === undefined || known === undefined) return undefined
      if (digestOfHashes(known.inputs) !== digestOfHashes(inputsOf(scope, known))) return undefined
      const digest = digestOfHashes(known.files)
      return last.digest === digest ? { head: last.head, digest, changed: 0 } : undefined
    },
    async run(scope) {
      const known = await former()
      const repository = await place.open(scope)
      const publication = await publicationOf(options, installed(scope), parts, branch, known?.files)
      if (kept !== undefined) await refuseUnknown(repository, publication, kept.name, scope.signal)
      const published = await repository.publish(publication, scope.signal)
      await remember({ inputs: inputsOf(scope, known), files: publishedBy(publication) })
      return published
    },
    describe: ({ head, changed }) =>
      changed === 0 ? head.slice(0, 7) : `${head.slice(0, 7)}, ${String(changed)} files`,
  })
}

async function publicationOf(
  { kept, clock }: HandOverOptions,
  installed: readonly Installed[],
  parts: readonly KubeObject[],
  branch: string,
  former: ContentHashes | undefined,
): Promise<Publication> {
  const { toYaml } = await import('./to-yaml.ts')
  const tree = treeOf(installed, parts, toYaml, branch)
  const message = 'Publish the platform as play wants it'
  const publication = { tree, former, message, now: clock.now() }
  if (kept === undefined) return publication
  const ids = installed.map(({ component: { id } }) => id)
  const keeps = (path: string): boolean => !isPathOf(ids, path)
  return {
    ...publication,
    tree: new Map([...tree].filter(([path]) => !keeps(path))),
    message: `Upgrade ${ids.join(', ')}`,
    keeps,
  }
}

/** Throws PUBLISHED_UNKNOWN where git holds something else than what is remembered, or than what comes of it. */
async function refuseUnknown(
  repository: PlatformRepository,
  publication: Publication,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const digest = (await repository.lastPublished(signal))?.digest
  const digests = [publication.former ?? {}, publishedBy(publication)].map(digestOfHashes)
  if (digest === undefined || !digests.includes(digest)) throw PlayError.of('PUBLISHED_UNKNOWN', { name })
}

function adoptStep(
  options: HandOverOptions,
  { parts, root }: Applications,
  before: readonly Step<unknown>[],
  published: Step<Published>,
  { component, ready }: Owner,
): HandOverSteps['adopt'] {
  const { access, timeoutMs } = options
  const all = [...parts, root]
  const done = { applications: all.length }
  return defineStep({
    id: 'gitops.adopt',
    title: `Hand the platform over to ${component.title}`,
    // Applications that are compared before everything of it runs fail, and are looked at again minutes later.
    after: [access, ...before, ...ready],
    timeoutMs,
    async check({ use, signal }) {
      // After a new commit they must at least be told to look.
      if (use(published).changed > 0) return undefined
      return (await unlike(await options.client(use(access)), all, signal)).length === 0 ? done : undefined
    },
    async run({ use, signal }) {
      const client = await options.client(use(access))
      // Those that are as wanted may have been changed in git since: they are left alone.
      const missing = await unlike(client, all, signal)
      await Promise.all(
        missing.map((object) => client.apply(object, signal, component.adoption?.fieldManager)),
      )
      await argoApplications.refresh(
        client,
        all.map(({ metadata }) => metadata.name),
        signal,
      )
      return done
    },
    describe: ({ applications }) => `${String(applications)} applications`,
  })
}

/** Those that the cluster does not have, or has with another digest. */
async function unlike(
  client: ClusterClient,
  objects: readonly KubeObject[],
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const [first] = objects
  if (first === undefined) return []
  const { apiVersion, kind, metadata } = first
  const labelSelector = `${rootLabel}=${metadata.labels?.[rootLabel] ?? ''}`
  const namespaced = metadata.namespace === undefined ? {} : { namespace: metadata.namespace }
  const found = await client.list(
    { apiVersion, kind, ...namespaced, labelSelector, metadataOnly: true },
    signal,
  )
  const digests = new Map(found.map((object) => [object.metadata.name, digest(object)]))
  return objects.filter((object) => digests.get(object.metadata.name) !== digest(object))
}

function digest({ metadata }: KubeObject): string | undefined {
  return metadata.annotations?.[digestAnnotation]
}

function syncedStep(
  options: HandOverOptions,
  { parts, root }: Applications,
  adopt: Step<unknown>,
): HandOverSteps['synced'] {
  const { access, timeoutMs, clock } = options
  const names = [root, ...parts].map(({ metadata }) => metadata.name)
  return defineStep<readonly ApplicationState[]>({
    id: 'gitops.synced',
    title: 'Wait until the cluster is in line with git',
    after: [access, adopt],
    timeoutMs,
    readOnly: true,
    run: async ({ use, signal, report }) =>
      argoApplications.settle(await options.client(use(access)), names, {
        signal,
        clock,
        onPending: (text, fraction) => {
          report.progress(text, fraction)
        },
      }),
    describe: (states) => `${String(states.length)} applications`,
  })
}
