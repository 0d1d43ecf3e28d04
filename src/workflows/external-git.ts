/** A repository of the person's own: what was asked for, and how the plan of `up` gets it. */
import type { Component } from '../domain/component.ts'
import type { ComponentRegistry } from '../domain/component-registry.ts'
import { PlayError } from '../domain/errors.ts'
import type { ExternalGit } from '../domain/git-remote.ts'
import { sshHost } from '../domain/git-url.ts'
import type { HandOverOptions } from '../domain/hand-over.ts'
import type { SourceContext } from '../domain/source.ts'
import { resolveExternal } from './resolve-external.ts'

/** What was asked for on top of what there is; empty without a repository. Throws USAGE_INVALID. */
export function resolveGit(
  wanted: Partial<ExternalGit> = {},
  former: ExternalGit | undefined,
): { readonly git?: ExternalGit } {
  const unnamed =
    'A branch, credentials or known hosts are for a repository of your own: name it with --git URL'
  const git = resolveExternal(wanted, former, unnamed)
  return git === undefined ? {} : { git: readable({ branch: 'main', ...git }) }
}

function readable(git: ExternalGit): ExternalGit {
  if (sshHost(git.url) === undefined || git.credentials !== undefined) return git
  const reason = 'The cluster needs a key to read by ssh: give its file with --git-credentials FILE'
  throw PlayError.of('USAGE_INVALID', { reason })
}

/** The repository, and what is known of its ssh server. */
export interface OpenedGit {
  readonly external?: NonNullable<HandOverOptions['external']>
  /** Lines of known_hosts; empty where there is nothing to know. */
  readonly knownHosts: string
}

/** Opens the repository of a playground, if it has one of the person's own. Reaches nothing yet. */
export async function openGit(
  { ports, state, folder }: Pick<SourceContext, 'ports' | 'state' | 'folder'>,
  signal: AbortSignal,
): Promise<OpenedGit> {
  const { git, name } = state.spec
  if (git === undefined) return { knownHosts: '' }
  const remote = (await ports.gitRemotes()).open(git, folder)
  const { url, branch } = git
  return { external: { name, url, branch, remote }, knownHosts: await remote.knownHosts(signal) }
}

/** The component, with these hosts in its manifest: what keeps the platform in line with git must know the server. */
export function trusting(component: Component, registry: ComponentRegistry, knownHosts: string): Component {
  const gitOps = component.slot === 'gitops' ? registry.gitOps([component.id]) : undefined
  if (gitOps === undefined || knownHosts === '') return component
  return { ...component, adjust: (object) => gitOps.trustHosts(component.adjust(object), knownHosts) }
}
