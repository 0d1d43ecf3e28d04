// Finds the programs that play runs: override, bundle, cache, PATH, pinned download, in this order.
import { constants } from 'node:fs'
import { access, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PlayError } from '../domain/errors.ts'
import type { FoundArtifact, ProcessRunner, ToolName } from '../domain/ports.ts'
import type { Reporter } from '../engine/step.ts'
import { entryFile, findEntry, type Bundle } from './bundle.ts'
import type { Cache, CachedFile } from './cache.ts'
import type { PinnedFiles } from './pinned-files.ts'
import type { PinnedFile, Pins, Platform, ToolPin } from './pins.ts'
import { extractMember } from './tar-member.ts'
import { describeRange, isAccepted, parseToolVersion, versionArguments } from './tool-version.ts'

/** What the search for tools knows and may touch. */
export interface ToolSearch {
  readonly pins: Pins
  readonly platform: string
  readonly bundle: Bundle | undefined
  /** Paths that a person named: PLAY_KIND, PLAY_PULUMI, PLAY_KUBECTL. */
  readonly overrides: Readonly<Partial<Record<ToolName, string>>>
  /** The folders of PATH. */
  readonly searchPath: readonly string[]
  readonly offline: boolean
  readonly cache: Cache
  readonly files: PinnedFiles
  readonly processes: ProcessRunner
  /** Made when only a download of `what` would help and there is to be no network. */
  readonly offlineError: (what: string) => PlayError
}

/** One question for a tool. */
interface Question {
  readonly name: ToolName
  readonly pin: ToolPin
  readonly signal: AbortSignal
  readonly report?: Reporter
}

type Download = PinnedFile & { readonly member?: string }

const MAX_TOOL_BYTES = 600 * 1024 * 1024
const VERSION_TIMEOUT_MS = 20_000

const wrongVersion = (question: Question, path: string, found: string): PlayError =>
  PlayError.of('TOOL_VERSION', {
    tool: question.name,
    found,
    needed: describeRange(question.pin.accepts),
    path,
  })

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

/** Runs the program for its version; "unknown" when it prints none. Throws what the process runner throws. */
async function askVersion(search: ToolSearch, question: Question, path: string): Promise<string> {
  const result = await search.processes.run(path, versionArguments[question.name], {
    signal: question.signal,
    timeoutMs: VERSION_TIMEOUT_MS,
    env: { PULUMI_SKIP_UPDATE_CHECK: 'true' },
  })
  return parseToolVersion(`${result.stdout}\n${result.stderr}`) ?? 'unknown'
}

const isFitting = (question: Question, version: string): boolean =>
  version !== 'unknown' && isAccepted(version, question.pin.accepts)

async function fromOverride(search: ToolSearch, question: Question): Promise<FoundArtifact | undefined> {
  const path = search.overrides[question.name]
  if (path === undefined) return undefined
  if (!(await isExecutable(path))) {
    const variable = `PLAY_${question.name.toUpperCase()}`
    const params = { tool: question.name, version: question.pin.version }
    throw PlayError.of('TOOL_MISSING', params, {
      suggestions: [`${variable} names ${path}, which is no program: correct it, or unset ${variable}`],
    })
  }
  const version = await askVersion(search, question, path)
  if (!isFitting(question, version)) throw wrongVersion(question, path, version)
  return { path, version, origin: 'override' }
}

async function fromBundle(search: ToolSearch, question: Question): Promise<FoundArtifact | undefined> {
  const { bundle } = search
  const entry = bundle && findEntry(bundle, 'tool', ({ name }) => name === question.name)
  if (bundle === undefined || entry?.path === undefined) return undefined
  const path = await entryFile(bundle, { ...entry, path: entry.path })
  const version = parseToolVersion(entry.version) ?? 'unknown'
  if (!isFitting(question, version)) throw wrongVersion(question, path, version)
  return { path, version, origin: 'bundle' }
}

/** Where the cache remembers which program came out of which archive. */
const memberKey = (archiveSha256: string, member: string): string => `${archiveSha256}#${member}`

async function cachedProgram(search: ToolSearch, download: Download): Promise<CachedFile | undefined> {
  if (download.member === undefined) return search.files.cached(download)
  const archiveSum = download.sha256 ?? (await search.cache.recall(download.url))?.sha256
  if (archiveSum === undefined) return undefined
  const receipt = await search.cache.recall(memberKey(archiveSum, download.member))
  return receipt && search.cache.find(receipt.sha256)
}

async function fromPath(
  search: ToolSearch,
  question: Question,
): Promise<{ readonly found?: FoundArtifact; readonly refused?: PlayError }> {
  for (const folder of search.searchPath) {
    const path = join(folder, question.name)
    if (!(await isExecutable(path))) continue
    const version = await askVersion(search, question, path).catch((): string => {
      question.signal.throwIfAborted()
      return 'unknown'
    })
    // The first one is what a person's shell runs; looking behind it for a better one would surprise.
    return isFitting(question, version)
      ? { found: { path, version, origin: 'path' } }
      : { refused: wrongVersion(question, path, version) }
  }
  return {}
}

async function unpack(
  search: ToolSearch,
  question: Question,
  archive: CachedFile,
  member: string,
): Promise<CachedFile> {
  const to = await search.cache.temporary()
  question.report?.progress(`unpacking ${question.name} ${question.pin.version}`)
  try {
    const request = { archive: archive.path, member, to, maxBytes: MAX_TOOL_BYTES, signal: question.signal }
    const { sha256 } = await extractMember(request)
    const program = await search.cache.adopt(to, sha256, 'program')
    await search.cache.remember(memberKey(archive.sha256, member), sha256)
    // The archive is of no more use: the receipt leads from its sum to the program.
    await rm(archive.path, { force: true })
    return program
  } catch (error) {
    await rm(to, { force: true })
    throw error
  }
}

async function fetchProgram(search: ToolSearch, question: Question, download: Download): Promise<CachedFile> {
  const { name, pin, signal, report } = question
  const fetched = await search.files.fetch(download, {
    what: `${name} ${pin.version}`,
    maxBytes: MAX_TOOL_BYTES,
    mode: download.member === undefined ? 'program' : 'data',
    signal,
    ...(report ? { report } : {}),
  })
  if (download.member === undefined) return fetched
  try {
    return await unpack(search, question, fetched, download.member)
  } catch (error) {
    signal.throwIfAborted()
    const reason = error instanceof Error ? error.message : String(error)
    throw PlayError.of('DOWNLOAD_FAILED', { url: download.url, reason }, { cause: error })
  }
}

/** What is left when neither a person, nor a bundle, nor the cache has it: PATH, then the vendor. */
async function fromOutside(
  search: ToolSearch,
  question: Question,
  download: Download | undefined,
): Promise<FoundArtifact> {
  const { name, pin } = question
  const { found, refused } = await fromPath(search, question)
  if (found !== undefined) return found
  const { version } = pin
  if (download === undefined) throw refused ?? PlayError.of('TOOL_MISSING', { tool: name, version })
  if (search.offline) throw refused ?? search.offlineError(`${name} ${version}`)
  const { path } = await fetchProgram(search, question, download)
  return { path, version, origin: 'download' }
}

/**
 * Finds one tool. A tool of a wrong version is an error where a person or a bundle named it; on PATH it is passed
 * over, and told only when nothing else can be had.
 */
export async function findTool(
  search: ToolSearch,
  name: ToolName,
  signal: AbortSignal,
  report?: Reporter,
): Promise<FoundArtifact> {
  const pin = search.pins.tools[name]
  const question: Question = { name, pin, signal, ...(report ? { report } : {}) }
  const given = (await fromOverride(search, question)) ?? (await fromBundle(search, question))
  if (given !== undefined) return given
  const download = pin.downloads[search.platform as Platform]
  const cached = download && (await cachedProgram(search, download))
  if (cached !== undefined) return { path: cached.path, version: pin.version, origin: 'cache' }
  return fromOutside(search, question, download)
}

/** The pinned program itself, whatever else is on this machine: what a bundle is filled with. */
export async function pinnedProgram(
  search: ToolSearch,
  name: ToolName,
  signal: AbortSignal,
  report?: Reporter,
): Promise<CachedFile> {
  const pin = search.pins.tools[name]
  const download = pin.downloads[search.platform as Platform]
  if (download === undefined) throw PlayError.of('TOOL_MISSING', { tool: name, version: pin.version })
  const question: Question = { name, pin, signal, ...(report ? { report } : {}) }
  return (await cachedProgram(search, download)) ?? (await fetchProgram(search, question, download))
}
