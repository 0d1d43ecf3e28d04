// The bundles of this machine as one port: open the one in use, check it, pull a new one.
import { join } from 'node:path'
import { PlayError } from '../domain/errors.ts'
import type { Reporter } from '../engine/step.ts'
import type { ArtifactsOptions } from './artifacts.ts'
import { bundleFolders, checkEntries, findBundle, type Bundle, type EntryCheck } from './bundle.ts'
import { createCache } from './cache.ts'
import { createPinnedFiles } from './pinned-files.ts'
import { platformOf } from './pins.ts'
import { pullBundle, type ImageEngine } from './pull.ts'

/** What is asked of a pull; src/workflows/bundle.ts has the same. */
export interface BundlePull {
  /** Without a v; absent for the default. */
  readonly kubernetesVersion?: string
  readonly engine?: ImageEngine
  readonly signal: AbortSignal
  readonly report: Reporter
}

/** The port of src/workflows/bundle.ts. */
export interface Bundles {
  /** The folders that are looked at, in order. */
  readonly folders: readonly string[]
  /** The bundle in use, or undefined. Throws BUNDLE_INVALID. */
  open(): Promise<Bundle | undefined>
  /** Reads every file. `onBytes` hears of each piece. */
  check(bundle: Bundle, signal: AbortSignal, onBytes: (count: number) => void): Promise<readonly EntryCheck[]>
  /** Makes or renews `<cache>/bundles/core`. */
  pull(options: BundlePull): Promise<Bundle>
}

/** Makes the port. What a pull takes is always what the pins say: overrides and PATH play no part in it. */
export function createBundles(options: Omit<ArtifactsOptions, 'overrides' | 'searchPath'>): Bundles {
  const { cacheDir, pins, offline, processes, now } = options
  const platform = platformOf(options.os, options.arch)
  const places = {
    cacheDir,
    platform,
    ...(options.bundleDir === undefined ? {} : { named: options.bundleDir }),
  }
  const cache = createCache(cacheDir, now)
  const files = createPinnedFiles(cache, options.downloader)
  const offlineError = (): PlayError =>
    PlayError.of('OFFLINE_NO_BUNDLE', { looked: bundleFolders(places).join(', ') })
  const manifests = { pins, bundle: undefined, offline, cache, files, offlineError }
  const tools = { ...manifests, platform, overrides: {}, searchPath: [], processes }
  return {
    folders: bundleFolders(places),
    open: () => findBundle(places),
    check: (bundle, signal, onBytes) => checkEntries(bundle, { signal, onBytes }),
    pull: async ({ kubernetesVersion, engine, signal, report }) => {
      if (offline) throw PlayError.of('USAGE_INVALID', { reason: 'A bundle cannot be pulled with --offline' })
      const means = { pins, platform, cache, tools, manifests, now, ...(engine ? { engine } : {}) }
      const version = (kubernetesVersion ?? pins.kubernetes.default).replace(/^v/, '')
      const folder = join(cacheDir, 'bundles', 'core')
      return pullBundle(means, { folder, kubernetesVersion: version, signal, report })
    },
  }
}
