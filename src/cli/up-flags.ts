/** The flags of `play up`, each with its variable. */
import { resolve } from 'node:path'
import * as Flags from '@oclif/core/flags'
import type { ExternalGit } from '../domain/git-remote.ts'
import { parseBranch, parseGitUrl } from '../domain/git-url.ts'
import type { ExternalRegistry } from '../domain/registry-slot.ts'
import { parseRegistryUrl } from '../domain/registry-url.ts'
import { dryRunFlag, portFlag, timeoutFlag, ttlFlag, yesFlag } from './flags.ts'

/** What may become of a playground whose `up` failed or was interrupted. */
const endings = ['keep', 'rollback'] as const

export const upFlags = {
  nodes: Flags.integer({
    summary: 'Number of nodes, 1 to 10; the first is the control plane (default: 1).',
    env: 'PLAY_NODES',
    min: 1,
    max: 10,
  }),
  'kubernetes-version': Flags.string({
    summary: 'Kubernetes version, such as 1.34.10 (default: that of the bundle, else the pinned one).',
    env: 'PLAY_KUBERNETES_VERSION',
  }),
  with: Flags.string({
    summary:
      'Components to add, comma-separated: argocd-ui, tekton. There unless left out: git, argo-cd, argo-workflows, pulumi-operator, registry, buildkit.',
    env: 'PLAY_WITH',
    multiple: true,
    multipleNonGreedy: true,
  }),
  without: Flags.string({
    summary: 'Components to leave out, comma-separated.',
    env: 'PLAY_WITHOUT',
    multiple: true,
    multipleNonGreedy: true,
  }),
  git: Flags.string({
    summary:
      'Publish the platform to this repository of your own (https or ssh) instead of one in the cluster.',
    env: 'PLAY_GIT',
    parse: (text) => Promise.resolve(parseGitUrl(text)),
  }),
  'git-branch': Flags.string({
    summary: 'Branch of that repository; it is for play alone (default: main).',
    env: 'PLAY_GIT_BRANCH',
    parse: (text) => Promise.resolve(parseBranch(text)),
  }),
  'git-credentials': Flags.string({
    summary: 'File that opens it: a line https://USER:TOKEN@HOST, or a private key for ssh.',
    env: 'PLAY_GIT_CREDENTIALS',
    parse: (path) => Promise.resolve(resolve(path)),
  }),
  'git-known-hosts': Flags.string({
    summary: 'File with the key of its ssh server (default: your known_hosts).',
    env: 'PLAY_GIT_KNOWN_HOSTS',
    parse: (path) => Promise.resolve(resolve(path)),
  }),
  registry: Flags.string({
    summary: 'Push images to this registry of your own instead of one in the cluster, such as ghcr.io/me.',
    env: 'PLAY_REGISTRY',
    parse: (text) => Promise.resolve(parseRegistryUrl(text)),
  }),
  'registry-credentials': Flags.string({
    summary: 'File that opens it, as docker login writes it (config.json); only its entry is taken.',
    env: 'PLAY_REGISTRY_CREDENTIALS',
    parse: (path) => Promise.resolve(resolve(path)),
  }),
  port: portFlag({ multiple: true, multipleNonGreedy: true }),
  wait: Flags.boolean({
    summary: 'Wait until everything is healthy (default); --no-wait ends when everything is applied.',
    env: 'PLAY_WAIT',
    default: true,
    allowNo: true,
  }),
  kubeconfig: Flags.boolean({
    summary:
      'Put the context into your kubeconfig and make it current (default); --no-kubeconfig leaves it alone.',
    env: 'PLAY_KUBECONFIG',
    default: true,
    allowNo: true,
  }),
  ttl: ttlFlag(),
  'on-failure': Flags.option({ options: endings })({
    summary: 'What becomes of a playground that was never ready when something fails: kept, or removed.',
    env: 'PLAY_ON_FAILURE',
    default: 'keep',
  }),
  'on-interrupt': Flags.option({ options: endings })({
    summary: 'The same after Ctrl-C; a second Ctrl-C ends the removal as well.',
    env: 'PLAY_ON_INTERRUPT',
    default: 'keep',
  }),
  timeout: timeoutFlag(),
  'dry-run': dryRunFlag,
  yes: yesFlag,
}

/** What the flags say of a repository of the person's own. */
export function gitOf(flags: {
  readonly git?: string | undefined
  readonly 'git-branch'?: string | undefined
  readonly 'git-credentials'?: string | undefined
  readonly 'git-known-hosts'?: string | undefined
}): { readonly git?: Partial<ExternalGit> } {
  const told = {
    url: flags.git,
    branch: flags['git-branch'],
    credentials: flags['git-credentials'],
    knownHosts: flags['git-known-hosts'],
  }
  const git = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined))
  return Object.keys(git).length === 0 ? {} : { git }
}

/** What the flags say of a registry of the person's own. */
export function ownRegistryOf(flags: {
  readonly registry?: string | undefined
  readonly 'registry-credentials'?: string | undefined
}): { readonly registry?: Partial<ExternalRegistry> } {
  const { registry: url, 'registry-credentials': credentials } = flags
  if (url === undefined && credentials === undefined) return {}
  return {
    registry: {
      ...(url === undefined ? {} : { url }),
      ...(credentials === undefined ? {} : { credentials }),
    },
  }
}
