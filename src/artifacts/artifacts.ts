// The Artifacts port: tools, images and manifests, wherever they are.
import { PlayError } from '../domain/errors.ts'
import type { Artifacts, FoundArtifact, ProcessRunner, ToolName } from '../domain/ports.ts'
import { bundleFolders, findBundle, type Bundle } from './bundle.ts'
import { createCache } from './cache.ts'
import type { Downloader } from '../domain/downloader.ts'
import {
  availableVersions,
  bundledNode,
  canHaveImage,
  defaultVersion,
  findImage,
  findNodeImage,
} from './images.ts'
import { findManifest } from './manifests.ts'
import { createPinnedFiles } from './pinned-files.ts'
import { platformOf, type Pins } from './pins.ts'
import { findTool } from './tools.ts'

/** What the caller has read from the environment, and the ports. */
export interface ArtifactsOptions {
  /** Folder of play's cache; `offline/` builds its bundles into the same one. */
  readonly cacheDir: string
  /** PLAY_BUNDLE: the folder of a bundle. */
  readonly bundleDir?: string
  /** PLAY_KIND, PLAY_PULUMI, PLAY_KUBECTL: paths of programs. */
  readonly overrides: Readonly<Partial<Record<ToolName, string>>>
  /** The folders of PATH. */
  readonly searchPath: readonly string[]
  /** True for --offline: nothing is downloaded. */
  readonly offline: boolean
  /** process.platform and process.arch. */
  readonly os: string
  readonly arch: string
  readonly pins: Pins
  readonly processes: ProcessRunner
  readonly downloader: Downloader
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** The port, and what else is known once the bundle is open. */
export interface OpenArtifacts extends Artifacts {
  /** The bundle in use, if there is one. */
  readonly bundle: Bundle | undefined
  /** Without a v, newest first; what nodeImage accepts. */
  readonly kubernetesVersions: readonly string[]
  readonly defaultKubernetesVersion: string
}

/**
 * Opens the artifacts: reads the index of the bundle and nothing else. Throws BUNDLE_INVALID for a named bundle that
 * cannot be used, or when the only ones there are damaged. A missing bundle is found out when it is needed: what the
 * cache or PATH holds serves offline too, so that `play down --offline` works wherever `play up` has worked.
 */
export async function createArtifacts(options: ArtifactsOptions): Promise<OpenArtifacts> {
  const { pins, offline, processes } = options
  const platform = platformOf(options.os, options.arch)
  const places = {
    cacheDir: options.cacheDir,
    platform,
    ...(options.bundleDir === undefined ? {} : { named: options.bundleDir }),
  }
  const bundle = await findBundle(places)
  const offlineError = (artifact: string): PlayError =>
    bundle === undefined
      ? PlayError.of('OFFLINE_NO_BUNDLE', { looked: bundleFolders(places).join(', ') })
      : PlayError.of('ARTIFACT_MISSING', { artifact, bundle: bundle.folder })
  const cache = createCache(options.cacheDir, options.now)
  const files = createPinnedFiles(cache, options.downloader)
  const search = { pins, platform, bundle, offline, cache, files, processes, offlineError }
  const tools = { ...search, overrides: options.overrides, searchPath: options.searchPath }
  const images = { kubernetes: pins.kubernetes, bundle, offline, offlineError }
  const foundTools = new Map<ToolName, FoundArtifact>()

  return {
    bundle,
    bundled: bundledNode(bundle) !== undefined,
    kubernetesVersions: availableVersions(images),
    defaultKubernetesVersion: defaultVersion(images),
    async tool(name, signal, report) {
      const found = foundTools.get(name) ?? (await findTool(tools, name, signal, report))
      foundTools.set(name, found)
      return found
    },
    nodeImage: async (kubernetesVersion, signal) => {
      signal.throwIfAborted()
      return findNodeImage(images, kubernetesVersion)
    },
    canHaveImage: (reference) => canHaveImage(bundle, reference),
    manifest: (name, signal, report) => findManifest(search, name, signal, report),
    image: async (reference, signal) => {
      signal.throwIfAborted()
      return findImage(images, reference)
    },
  }
}
