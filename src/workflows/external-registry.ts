/** A registry of the person's own: what was asked for, and how the plan of `up` has the builder push there. */
import type { ClusterAccess, KubeObject } from '../domain/cluster.ts'
import { componentLabel, rootLabel, type Component } from '../domain/component.ts'
import type { HandOverOptions } from '../domain/hand-over.ts'
import type { PlaygroundSpec } from '../domain/playground.ts'
import { registryOf, registrySecret, type ExternalRegistry } from '../domain/registry-slot.ts'
import type { SourceContext } from '../domain/source.ts'
import { defineStep, type Step } from '../engine/step.ts'
import { resolveExternal } from './resolve-external.ts'

/** What was asked for on top of what there is; empty without a registry. Throws USAGE_INVALID. */
export function resolveRegistry(
  wanted: Partial<ExternalRegistry> = {},
  former: ExternalRegistry | undefined,
): { readonly registry?: ExternalRegistry } {
  const unnamed = 'Credentials are for a registry of your own: name it with --registry URL'
  const registry = resolveExternal(wanted, former, unnamed)
  return registry === undefined ? {} : { registry }
}

/** The component, pushing to the person's own registry if there is one. */
export function pushing(component: Component, spec: PlaygroundSpec): Component {
  const registry = spec.registry === undefined ? undefined : registryOf(spec)
  if (registry === undefined) return component
  return {
    ...component,
    adjust(object) {
      const adjusted = component.adjust(object)
      return component.pushTo?.(adjusted, registry) ?? adjusted
    },
  }
}

/** The steps, in their order. */
export interface RegistrySteps {
  /** What is looked at before anything is made: that the credentials are there. */
  readonly preflight: readonly Step<unknown>[]
  /** What lets the builder push, and pods of its namespace pull. */
  readonly access: readonly Step<unknown>[]
}

/** None where the registry is inside the cluster, or where there is none. */
export function registrySteps(
  context: SourceContext,
  access: Step<ClusterAccess>,
  installs: HandOverOptions['installs'],
): RegistrySteps {
  const { registry } = context.state.spec
  if (registry === undefined) return { preflight: [], access: [] }
  const builder = installs.find(({ component }) => component.slot === 'builder')
  return {
    preflight: [preflightStep(context, registry)],
    access: builder === undefined ? [] : [accessStep(context, registry, access, builder)],
  }
}

function preflightStep({ ports, timeoutMs }: SourceContext, registry: ExternalRegistry): Step<object> {
  const { url, credentials: path } = registry
  return defineStep<object>({
    id: 'preflight.registry',
    title: `Look for what opens ${url}`,
    timeoutMs,
    readOnly: true,
    async run({ report }) {
      if (url.startsWith('http://'))
        report.warn(
          'REGISTRY_CREDENTIALS',
          `${url} is not encrypted: who is on the way reads and changes what runs`,
        )
      const credentials = await ports.registryCredentials(registry)
      if (credentials?.isReadByOthers === true && path !== undefined)
        report.warn('REGISTRY_CREDENTIALS', `${path} can be read by others: chmod 600 ${path}`)
      return {}
    },
    describe: () => path ?? 'no credentials',
  })
}

const secretRef = { apiVersion: 'v1', kind: 'Secret', ...registrySecret }

function accessStep(
  { ports, state, timeoutMs, client }: SourceContext,
  registry: ExternalRegistry,
  access: Step<ClusterAccess>,
  { component, steps }: HandOverOptions['installs'][number],
): Step<object> {
  const wanted = async (): Promise<KubeObject | undefined> => {
    const credentials = await ports.registryCredentials(registry)
    if (credentials === undefined) return undefined
    return {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { ...registrySecret, labels: { [componentLabel]: component.id, [rootLabel]: state.id } },
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': Buffer.from(credentials.dockerConfig).toString('base64') },
    }
  }
  return defineStep<object>({
    id: 'registry.access',
    title: `Let ${component.title} push to ${registry.url}`,
    // Its namespace must be there; its pod waits for the Secret.
    after: [access, steps.apply],
    timeoutMs,
    async check({ use, signal }) {
      const [secret, open] = await Promise.all([wanted(), client(use(access))])
      const found = await open.get(secretRef, signal)
      const mine = found?.metadata.labels?.[rootLabel] === state.id ? found : undefined
      // A digest of it, as other objects bear one, would help to guess the password.
      return contents(mine) === contents(secret) ? {} : undefined
    },
    async run({ use, signal }) {
      const [secret, open] = await Promise.all([wanted(), client(use(access))])
      if (secret === undefined) await open.delete(secretRef, signal)
      else await open.apply(secret, signal)
      return {}
    },
  })
}

function contents(secret: KubeObject | undefined): string | undefined {
  return (secret?.['data'] as Readonly<Record<string, string>> | undefined)?.['.dockerconfigjson']
}
