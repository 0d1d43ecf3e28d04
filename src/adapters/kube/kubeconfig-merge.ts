/** What merging a context into someone's kubeconfig means, and taking it out again: text in, text out. */
import { isDeepStrictEqual } from 'node:util'
import { PlayError } from '../../domain/errors.ts'
import {
  findNamed,
  parseKubeconfig,
  type Fields,
  type Kubeconfig,
  type ResolvedContext,
} from './kubeconfig-document.ts'
import { KubeconfigText } from './kubeconfig-yaml.ts'

/**
 * The name of the extension that marks a cluster entry as play's own; kubectl and other clients keep extensions. Without
 * it nobody could tell an old entry of ours, which may be replaced, from someone else's of the same name. It also
 * remembers the former context, for a second merge and for a removal after the state was lost.
 */
const markName = 'play'

/**
 * Adds `own` to a kubeconfig's text and makes it current. `former` is the context that was current before, null when
 * there was none; a second merge gives that of the first. Throws KUBECONFIG_DAMAGED, or KUBECONFIG_TAKEN when the name belongs to another
 * cluster.
 */
export async function mergeInto(
  text: string,
  own: ResolvedContext,
  path: string,
): Promise<{ readonly text: string; readonly former: string | null }> {
  const { name } = own
  const config = await parseKubeconfig(text, path)
  refuseForeign(config, own, path)
  const { currentContext } = config
  const former = currentContext === name ? rememberedFormer(config, name) : (currentContext ?? null)
  const edited = new KubeconfigText(text, path)
  edited.put('clusters', 'cluster', name, marked(own.cluster, former))
  edited.put('contexts', 'context', name, { ...own.context, cluster: name, user: name })
  edited.setCurrent(name)
  edited.put('users', 'user', name, own.user)
  return { text: edited.toString(), former }
}

/**
 * Takes cluster, user and context of that name out of a kubeconfig's text. If the context still is current, the one
 * before it becomes current again, or nothing when there was none or it is gone. Other playgrounds that would give back
 * this context give back the one before it. Answers undefined when there is nothing of that name.
 */
export async function removeFrom(
  text: string,
  options: {
    readonly context: string
    /** What was current before, as far as the file itself does not remember it. */
    readonly former: string | null
    readonly path: string
    /** Whether a context is in one of the person's other kubeconfig files. */
    readonly existsElsewhere: (context: string) => Promise<boolean>
  },
): Promise<string | undefined> {
  const config = await parseKubeconfig(text, options.path)
  const edited = new KubeconfigText(text, options.path)
  const former = rememberedFormer(config, options.context) ?? options.former
  const removed = edited.remove(options.context)
  const current = config.currentContext === options.context
  if (!removed && !current) return undefined
  passOn(config, edited, options.context, former)
  if (current) {
    const known =
      former !== null &&
      former !== options.context &&
      (findNamed(config.contexts, former) !== undefined || (await options.existsElsewhere(former)))
    edited.setCurrent(known ? former : undefined)
  }
  return edited.toString()
}

/** Has those that remember the context `gone` remember `former` instead. */
function passOn(config: Kubeconfig, edited: KubeconfigText, gone: string, former: string | null): void {
  for (const { name } of config.clusters) {
    const cluster = findNamed(config.clusters, name)
    if (cluster !== undefined && rememberedFormer(config, name) === gone)
      edited.put('clusters', 'cluster', name, marked(cluster, former))
  }
}

/** Whether the kubeconfig has exactly this context, with the same cluster and user. */
export function holds(config: Kubeconfig, own: ResolvedContext): boolean {
  const { name } = own
  const context = findNamed(config.contexts, name)
  if (context?.['cluster'] !== name || context['user'] !== name) return false
  const cluster = findNamed(config.clusters, name)
  const user = findNamed(config.users, name)
  return (
    cluster !== undefined &&
    isDeepStrictEqual(withoutMark(cluster), withoutMark(own.cluster)) &&
    isDeepStrictEqual(user, own.user)
  )
}

function refuseForeign(config: Kubeconfig, own: ResolvedContext, path: string): void {
  const clusterName = findNamed(config.contexts, own.name)?.['cluster'] ?? own.name
  const cluster = findNamed(config.clusters, clusterName)
  if (cluster === undefined) return
  const server = cluster['server']
  if (clusterName === own.name && (server === own.server || isMarked(cluster))) return
  throw PlayError.of('KUBECONFIG_TAKEN', { path, context: own.name, server: String(server) })
}

function extensionsOf(cluster: Fields): readonly unknown[] {
  const { extensions } = cluster
  return Array.isArray(extensions) ? extensions : []
}

function isMark(extension: unknown): boolean {
  return (extension as { name?: unknown } | null)?.name === markName
}

function isMarked(cluster: Fields): boolean {
  return extensionsOf(cluster).some(isMark)
}

function rememberedFormer(config: Kubeconfig, name: string): string | null {
  const cluster = findNamed(config.clusters, name)
  const mark = cluster === undefined ? undefined : extensionsOf(cluster).find(isMark)
  const former = (mark as { extension?: { formerContext?: unknown } | null } | undefined)?.extension
    ?.formerContext
  return typeof former === 'string' ? former : null
}

function withoutMark(cluster: Fields): Fields {
  const { extensions, ...rest } = cluster
  const others = extensionsOf(cluster).filter((extension) => !isMark(extension))
  return extensions === undefined || others.length === 0 ? rest : { ...rest, extensions: others }
}

function marked(cluster: Fields, former: string | null): Fields {
  const mark = {
    name: markName,
    extension: { managedBy: 'play', ...(former === null ? {} : { formerContext: former }) },
  }
  const plain = withoutMark(cluster)
  return { ...plain, extensions: [...extensionsOf(plain), mark] }
}
