/** Steps that put the platform into git and have the cluster manage itself from there. */
import { digestAnnotation, rootLabel } from '../domain/component.ts'
import type { KubeObject } from '../domain/cluster.ts'
import type { HandOverOptions, HandOverSteps, PlatformRepository, Published } from '../domain/hand-over.ts'
import type { ClusterClient } from '../domain/ports.ts'
import type { ApplicationState } from '../domain/slots.ts'
import { defineStep, type Scope, type Step } from '../engine/step.ts'
import { clusterOrigin } from './git/git-daemon.ts'
import { externalRepository } from './git/external-repository.ts'
import { clusterRepository } from './git/repository.ts'
import { digestOfHashes, hashesOf } from './git/tree.ts'
import { argoApplications } from './gitops/argo-applications.ts'
import { externalSteps } from './external-git-steps.ts'
import {
  applicationsOf,
  digestOfInputs,
  treeOf,
  type Applications,
  type Installed,
  type Origin,
} from './hand-over.ts'

/** Makes the steps; undefined unless there is a repository, the person's own or that of `git`, and one component fills `gitops`. */
export function handOverSteps(options: HandOverOptions): HandOverSteps | undefined {
  const git = options.installs.find(({ component }) => component.slot === 'git')
  const gitOps = options.installs.find(({ component }) => component.slot === 'gitops')
  const external = externalOf(options)
  if (gitOps === undefined || (git === undefined && external === undefined)) return undefined
  const components = options.installs.map(({ component }) => component)
  const place: Place = {
    origin: external ?? clusterOrigin,
    after: external === undefined && git !== undefined ? [git.steps.ready] : [],
    open: async ({ use }) => external ?? clusterRepository(await options.client(use(options.access))),
  }
  const applications = applicationsOf(components, argoApplications, options.root, place.origin)
  const { preflight, access } = externalSteps(options, external, gitOps)
  const publishing = publishStep(options, applications, place)
  const adopt = adoptStep(options, applications, [publishing, ...access], publishing, gitOps)
  const synced = syncedStep(options, applications, adopt)
  return { preflight, access, publish: publishing, adopt, synced }
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

type Install = HandOverOptions['installs'][number]

function publishStep(options: HandOverOptions, { parts }: Applications, place: Place): Step<Published> {
  const { installs, access, timeoutMs, clock, former, remember } = options
  const { branch } = place.origin
  const installed = ({ use }: Scope): Installed[] =>
    installs.map(({ component, steps }) => ({ component, objects: use(steps.manifest) }))
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
      if (last === undefined || known?.inputs !== digestOfInputs(installed(scope), parts, branch))
        return undefined
      const digest = digestOfHashes(known.files)
      return last.digest === digest ? { head: last.head, digest, changed: 0 } : undefined
    },
    async run(scope) {
      const { toYaml } = await import('./to-yaml.ts')
      const tree = treeOf(installed(scope), parts, toYaml, branch)
      const message = 'Publish the platform as play wants it'
      const publication = { tree, former: (await former())?.files, message, now: clock.now() }
      const published = await (await place.open(scope)).publish(publication, scope.signal)
      await remember({ inputs: digestOfInputs(installed(scope), parts, branch), files: hashesOf(tree) })
      return published
    },
    describe: ({ head, changed }) =>
      changed === 0 ? head.slice(0, 7) : `${head.slice(0, 7)}, ${String(changed)} files`,
  })
}

function adoptStep(
  options: HandOverOptions,
  { parts, root }: Applications,
  before: readonly Step<unknown>[],
  published: Step<Published>,
  { component, steps }: Install,
): HandOverSteps['adopt'] {
  const { access, timeoutMs } = options
  const all = [...parts, root]
  const done = { applications: all.length }
  return defineStep({
    id: 'gitops.adopt',
    title: `Hand the platform over to ${component.title}`,
    // Applications that are compared before everything of it runs fail, and are looked at again minutes later.
    after: [access, ...before, steps.ready],
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
