/** Steps that put the platform into git and have the cluster manage itself from there. */
import { digestAnnotation, rootLabel } from '../domain/component.ts'
import type { KubeObject } from '../domain/cluster.ts'
import type { HandOverOptions, HandOverSteps, Published } from '../domain/hand-over.ts'
import type { ClusterClient } from '../domain/ports.ts'
import type { ApplicationState } from '../domain/slots.ts'
import { defineStep, type Scope, type Step } from '../engine/step.ts'
import { lastPublished, playgroundRepository, publish } from './git/repository.ts'
import { digestOfHashes, hashesOf } from './git/tree.ts'
import { argoApplications } from './gitops/argo-applications.ts'
import { applicationsOf, digestOfInputs, treeOf, type Applications, type Installed } from './hand-over.ts'

/** Makes the three steps; undefined unless one component fills `git` and one `gitops`. */
export function handOverSteps(options: HandOverOptions): HandOverSteps | undefined {
  const git = options.installs.find(({ component }) => component.slot === 'git')
  const gitOps = options.installs.find(({ component }) => component.slot === 'gitops')
  if (git === undefined || gitOps === undefined) return undefined
  const components = options.installs.map(({ component }) => component)
  const applications = applicationsOf(components, argoApplications, options.root)
  const publishing = publishStep(options, applications, git)
  const adopt = adoptStep(options, applications, publishing, gitOps)
  return { publish: publishing, adopt, synced: syncedStep(options, applications, adopt) }
}

type Install = HandOverOptions['installs'][number]

function publishStep(options: HandOverOptions, { parts }: Applications, git: Install): Step<Published> {
  const { installs, access, timeoutMs, clock, former, remember } = options
  const installed = ({ use }: Scope): Installed[] =>
    installs.map(({ component, steps }) => ({ component, objects: use(steps.manifest) }))
  const repository = async ({ use, signal }: Scope) =>
    playgroundRepository(await options.client(use(access)), signal)
  return defineStep<Published>({
    id: 'gitops.publish',
    title: 'Commit the platform to git',
    after: [access, git.steps.ready, ...installs.map(({ steps }) => steps.manifest)],
    timeoutMs,
    async check(scope) {
      const [last, known] = await Promise.all([lastPublished(await repository(scope)), former()])
      // A run that ended between its commit and its note of it left the note for the next one.
      if (last === undefined || known?.inputs !== digestOfInputs(installed(scope), parts)) return undefined
      const digest = digestOfHashes(known.files)
      return last.digest === digest ? { head: last.head, digest, changed: 0 } : undefined
    },
    async run(scope) {
      const { toYaml } = await import('./to-yaml.ts')
      const tree = treeOf(installed(scope), parts, toYaml)
      const published = await publish(await repository(scope), {
        tree,
        former: (await former())?.files,
        message: 'Publish the platform as play wants it',
        now: clock.now(),
      })
      await remember({ inputs: digestOfInputs(installed(scope), parts), files: hashesOf(tree) })
      return published
    },
    describe: ({ head, changed }) =>
      changed === 0 ? head.slice(0, 7) : `${head.slice(0, 7)}, ${String(changed)} files`,
  })
}

function adoptStep(
  options: HandOverOptions,
  { parts, root }: Applications,
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
    after: [access, published, steps.ready],
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
