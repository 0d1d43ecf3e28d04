/** Steps for a repository of the person's own: that it can be used, before anything is made, and that the cluster may read it. */
import { rootLabel, type Component } from '../../domain/component.ts'
import type { KubeObject } from '../../domain/cluster.ts'
import type {
  HandOverOptions,
  HandOverSteps,
  LastPublished,
  PlatformRepository,
} from '../../domain/hand-over.ts'
import { defineStep, type Step } from '../../engine/step.ts'
import { argoApplications } from '../gitops/argo-applications.ts'

type External = NonNullable<HandOverOptions['external']>

/** The component that fills `gitops`, and the step after which it runs; no step where it is only looked at. */
export interface Owner {
  readonly component: Component
  readonly ready: readonly Step<unknown>[]
}

/** None where the repository is inside the cluster. */
export function externalSteps(
  options: HandOverOptions,
  repository: PlatformRepository | undefined,
  gitOps: Owner,
): Pick<HandOverSteps, 'preflight' | 'access'> {
  const { external } = options
  if (external === undefined || repository === undefined) return { preflight: [], access: [] }
  return { preflight: [reachStep(options, repository)], access: [accessStep(options, external, gitOps)] }
}

interface Seen {
  readonly last: LastPublished | undefined
}

function reachStep({ timeoutMs }: HandOverOptions, repository: PlatformRepository): Step<Seen> {
  const { url, branch } = repository
  return defineStep<Seen>({
    id: 'preflight.git',
    title: `Look into ${url}`,
    timeoutMs,
    readOnly: true,
    async run({ signal, report }) {
      if (url.startsWith('http://'))
        report.warn(
          'GIT_CREDENTIALS',
          `${url} is not encrypted: who is on the way reads and changes what runs`,
        )
      return { last: await repository.lastPublished(signal) }
    },
    describe: ({ last }) => (last === undefined ? `no ${branch} yet` : `${branch} ${last.head.slice(0, 7)}`),
  })
}

function accessStep(
  { root, access, timeoutMs, client }: HandOverOptions,
  { url, remote }: External,
  { component, ready }: Owner,
): Step<object> {
  const wanted = async (): Promise<KubeObject | undefined> => {
    const credentials = await remote.credentials()
    if (credentials === undefined) return undefined
    const secret = argoApplications.repositoryAccess(url, credentials)
    const labels = { ...secret.metadata.labels, [rootLabel]: root }
    return { ...secret, metadata: { ...secret.metadata, labels } }
  }
  return defineStep<object>({
    id: 'gitops.access',
    title: `Let ${component.title} read ${url}`,
    after: [access, ...ready],
    timeoutMs,
    async check({ use, signal }) {
      const secret = await wanted()
      if (secret === undefined) return {}
      const { apiVersion, kind, metadata } = secret
      const { name, namespace = component.namespace } = metadata
      const found = await (await client(use(access))).get({ apiVersion, kind, name, namespace }, signal)
      // A digest of it, as other objects bear one, would help to guess the password.
      return found !== undefined && contents(found) === contents(secret) ? {} : undefined
    },
    async run({ use, signal }) {
      const secret = await wanted()
      if (secret !== undefined) await (await client(use(access))).apply(secret, signal)
      return {}
    },
  })
}

function contents({ metadata, data }: KubeObject): string {
  const sorted = (fields: unknown): unknown => Object.entries(fields ?? {}).sort()
  return JSON.stringify([sorted(metadata.labels), sorted(data)])
}
