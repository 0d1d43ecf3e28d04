/** Kubeconfig files: one of our own for each playground, and its context in the person's file. */
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { delimiter, dirname, join, resolve } from 'node:path'
import type { ClusterAccess } from '../../domain/cluster.ts'
import { PlayError } from '../../domain/errors.ts'
import type { Kubeconfigs, MergedContext, ProcessRunner } from '../../domain/ports.ts'
import type { Clock } from '../../engine/clock.ts'
import { writeDurably } from '../durable-file.ts'
import { systemClock } from '../system-clock.ts'
import { findNamed, parseKubeconfig, resolveContext, type ResolvedContext } from './kubeconfig-document.ts'
import { damaged } from './kubeconfig-errors.ts'
import { editKubeconfig, readKubeconfig, straysOf } from './kubeconfig-file.ts'
import type { LockSettings, LockTimes } from './kubeconfig-lock.ts'

/** What kubeconfig files are found by, and how locks are waited for. */
export interface KubeconfigSettings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly homeDir: string
  /** Tells, where the system does not, whether the owner of a lock still runs. */
  readonly processes: ProcessRunner
  readonly clock?: Clock
  readonly lock?: LockTimes
}

function lockSettings({
  clock = systemClock,
  lock = { waitMs: 10_000, staleMs: 60_000 },
  processes,
}: KubeconfigSettings): LockSettings {
  return { clock, lock, processes }
}

/** The Kubeconfigs port on files. */
export function createKubeconfigs(settings: KubeconfigSettings): Kubeconfigs {
  const files = (): readonly string[] => kubeconfigFiles(settings)
  return {
    writeOwn,
    readOwn: async (path) => {
      const own = await readOwnContext(path)
      return own === undefined ? undefined : accessOf(own, path)
    },
    merge: (from, beforehand) => merge(from, settings, beforehand),
    isMerged: (from) => isMerged(from, files()),
    remove: (merged) => remove(merged, settings),
    text: textOf,
    contains: async (path, context) => {
      const { clusters, users, contexts } = await parseKubeconfig((await readKubeconfig(path)) ?? '', path)
      return [clusters, users, contexts].some((list) => findNamed(list, context) !== undefined)
    },
    strays: (path) => straysOf(path, settings.processes),
    userPath: () => fileToWrite(files()),
  }
}

async function writeOwn(options: {
  readonly text: string
  readonly path: string
  readonly context: string
  readonly server?: string
}): Promise<ClusterAccess> {
  const { path, context: name } = options
  const config = await parseKubeconfig(options.text, path)
  const current = config.currentContext ?? config.contexts[0]?.name
  if (current === undefined) throw damaged(path, 'the cluster gave a kubeconfig without a context')
  const found = resolveContext(config, current, path)
  const server = options.server ?? found.server
  const own = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { ...found.cluster, server } }],
    contexts: [{ name, context: { ...found.context, cluster: name, user: name } }],
    'current-context': name,
    preferences: {},
    users: [{ name, user: found.user }],
  }
  try {
    // JSON is YAML to every client, and spares play the YAML parser (20 ms) each time it opens a cluster.
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writeDurably(path, JSON.stringify(own, undefined, 2) + '\n')
  } catch (error) {
    throw PlayError.of('STATE_UNWRITABLE', { path, reason: (error as Error).message }, { cause: error })
  }
  return { kubeconfigPath: path, context: name, server }
}

/** A kubeconfig for a person: ours are JSON on disk and are shown as the YAML that everybody expects. */
async function textOf(path: string): Promise<string> {
  const text = await readKubeconfig(path)
  if (text === undefined) throw damaged(path, 'it is not there')
  const { toYaml } = await import('./kubeconfig-yaml.ts')
  return toYaml(text)
}

async function readOwnContext(path: string): Promise<ResolvedContext | undefined> {
  const text = await readKubeconfig(path)
  if (text === undefined) return undefined
  const config = await parseKubeconfig(text, path)
  if (config.currentContext === undefined) throw damaged(path, 'it has no current context')
  return resolveContext(config, config.currentContext, path)
}

async function ownContext(path: string): Promise<ResolvedContext> {
  const own = await readOwnContext(path)
  if (own === undefined) throw damaged(path, 'it is not there')
  return own
}

function accessOf(own: ResolvedContext, path: string): ClusterAccess {
  return { kubeconfigPath: path, context: own.name, server: own.server }
}

async function merge(
  from: string,
  settings: KubeconfigSettings,
  beforehand: (merged: MergedContext) => Promise<void> = () => Promise.resolve(),
): Promise<MergedContext> {
  const own = await ownContext(from)
  const { mergeInto } = await import('./kubeconfig-merge.ts')
  const path = fileToWrite(kubeconfigFiles(settings))
  return editKubeconfig(path, lockSettings(settings), async (before) => {
    const { text, former } = await mergeInto(before ?? '', own, path)
    const merged = { path, context: own.name, formerContext: former }
    await beforehand(merged)
    return { text, result: merged }
  })
}

async function remove(merged: MergedContext, settings: KubeconfigSettings): Promise<{ removed: boolean }> {
  const { path, context, formerContext: former } = merged
  const { removeFrom } = await import('./kubeconfig-merge.ts')
  const others = kubeconfigFiles(settings).filter((file) => file !== path)
  const existsElsewhere = (name: string): Promise<boolean> => anyContext(others, name)
  // Looked at first without the lock, so that nothing is made beside a file that is not there or not ours.
  const isThere = (await readKubeconfig(path)) !== undefined
  if (!isThere && (await straysOf(path, settings.processes)).length === 0) return { removed: false }
  const removed = await editKubeconfig(path, lockSettings(settings), async (text) => {
    const edited =
      text === undefined ? undefined : await removeFrom(text, { context, former, path, existsElsewhere })
    return { text: edited, result: edited !== undefined }
  })
  return { removed }
}

/** True when the first of the files that has the context has it as ours: that one is what kubectl uses. */
async function isMerged(from: string, files: readonly string[]): Promise<boolean> {
  const own = await ownContext(from)
  const { holds } = await import('./kubeconfig-merge.ts')
  for (const file of files) {
    const config = await parseKubeconfig((await readKubeconfig(file)) ?? '', file)
    if (findNamed(config.contexts, own.name) !== undefined) return holds(config, own)
  }
  return false
}

/** Whether a context is in one of the files. A file that cannot be read may well hold it. */
async function anyContext(files: readonly string[], name: string): Promise<boolean> {
  for (const file of files) {
    try {
      const config = await parseKubeconfig((await readKubeconfig(file)) ?? '', file)
      if (findNamed(config.contexts, name) !== undefined) return true
    } catch {
      return true
    }
  }
  return false
}

/** The person's kubeconfig files in kubectl's order: those of KUBECONFIG, else ~/.kube/config. */
function kubeconfigFiles(settings: KubeconfigSettings): readonly string[] {
  const named = (settings.env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '')
  const files = named.length > 0 ? named : [join(settings.homeDir, '.kube', 'config')]
  return [...new Set(files.map((file) => resolve(file)))]
}

/**
 * The file that kubectl and kind write new entries to: the first that exists, else the last (client-go's
 * PathOptions.GetDefaultFilename; kind's pathForMerge). kubectl takes the current context from the first file that sets
 * one, so what is set there counts.
 */
function fileToWrite(files: readonly string[]): string {
  return files.find((file) => existsSync(file)) ?? files.at(-1) ?? ''
}
