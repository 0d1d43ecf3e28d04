/** What create, read and delete mean for a kind cluster: kind does the work, its own words are the progress. */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProcessOptions, ProcessResult, ProcessRunner } from '../../domain/ports.ts'
import { kindConfig } from './kind-config.ts'
import type { KindClusterInputs } from './resources.ts'

/** What the plug-in learns from its environment, never from the state. */
export interface KindTool {
  readonly processes: ProcessRunner
  /** Path of kind. */
  readonly kind: string
  /** The container engine's client, for a node's own log when a cluster does not start. */
  readonly engine: string
  /** Made 0700 when it is not there. */
  readonly temporaryFolder: string
  /** What makes kind use that engine, and names the playground to whoever looks at the process. */
  readonly env: Readonly<Record<string, string>>
  /** Throws when the play that this works for no longer holds the playground's lock; asked before each change. */
  readonly requireLock?: () => Promise<void>
}

/** A failure of kind in its own last words. */
class KindError extends Error {
  override readonly name = 'KindError'
}

/**
 * A creation that failed and left something behind. Pulumi's server sends `id` along (ErrorResourceInitFailed in its
 * provider/server.js), so that the engine keeps the resource in its state, as one that is not complete.
 */
class LeftBehindError extends Error {
  override readonly name = 'LeftBehindError'
  readonly id: string
  readonly properties: Readonly<Record<string, unknown>>
  readonly reasons: readonly string[]

  constructor(message: string, inputs: KindClusterInputs) {
    super(message)
    this.id = inputs.name
    this.properties = { ...inputs, endpoint: '', context: inputs.name, incomplete: true }
    this.reasons = [message]
  }
}

/** Long enough for a slow disk to unpack a node image; kind has no time limit of its own. */
const createTimeoutMs = 600_000
const shortTimeoutMs = 60_000
/** kind prints whole JSON documents of its engine; their beginning says enough. */
const longestLine = 300

/**
 * Makes the cluster without waiting for the node to be ready: play applies components meanwhile.
 * A failed or aborted creation removes what it made, or says that it could not.
 */
export async function createKindCluster(
  tool: KindTool,
  inputs: KindClusterInputs,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<{ readonly endpoint: string }> {
  await tool.requireLock?.()
  const folder = await makeTemporaryFolder(tool)
  const kubeconfig = join(folder, 'kubeconfig')
  try {
    const args = [
      'create',
      'cluster',
      '--name',
      inputs.name,
      '--config',
      '-',
      '--kubeconfig',
      kubeconfig,
      '--retain',
    ]
    const result = await runKind(tool, args, {
      signal,
      timeoutMs: createTimeoutMs,
      input: kindConfig(inputs),
      onLine,
    })
    if (result.exitCode !== 0) throw await explain(tool, inputs.name, result)
    return { endpoint: /server: (\S+)/.exec(await readFile(kubeconfig, 'utf8'))?.[1] ?? '' }
  } catch (error) {
    throw await cleanUp(tool, inputs, error)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Removes what a failed creation made; the error that comes back says so if that failed too, and carries the id. */
async function cleanUp(tool: KindTool, inputs: KindClusterInputs, error: unknown): Promise<unknown> {
  // A name that is taken belongs to somebody else's cluster: deleting it would be the worst answer.
  if (error instanceof KindError && /already exist/.test(error.message)) return error
  try {
    await deleteKindCluster(tool, inputs.name, AbortSignal.timeout(shortTimeoutMs))
    return error
  } catch (second) {
    const text = [error, second].map((each) => (each instanceof Error ? each.message : String(each)))
    return new LeftBehindError(`${text[0] ?? ''}\nand could not clean up: ${text[1] ?? ''}`, inputs)
  }
}

async function explain(tool: KindTool, name: string, result: ProcessResult): Promise<KindError> {
  const lines = `${result.stdout}\n${result.stderr}`.split('\n').filter((line) => line.trim() !== '')
  return new KindError(
    [
      ...lines.map((line) => line.slice(0, longestLine)).slice(-40),
      ...(await kubeletErrors(tool, name)),
    ].join('\n'),
  )
}

/** The node's own complaints, as far as it still answers: most failed starts are explained there. */
async function kubeletErrors(tool: KindTool, name: string): Promise<string[]> {
  const args = [
    'exec',
    `${name}-control-plane`,
    'journalctl',
    '--unit',
    'kubelet',
    '--no-pager',
    '--output',
    'cat',
  ]
  try {
    const options = { signal: AbortSignal.timeout(shortTimeoutMs), timeoutMs: 10_000, env: tool.env }
    const { stdout } = await tool.processes.run(tool.engine, args, options)
    const errors = stdout.split('\n').filter((line) => /^E\d{4}|err=|rror:/.test(line))
    return errors.slice(-10).map((line) => `kubelet: ${line.slice(0, 300)}`)
  } catch {
    return []
  }
}

/** Under its own name: that is how the end of an interrupted run is found in the system's list. */
function runKind(
  { processes, kind, env }: KindTool,
  args: readonly string[],
  options: ProcessOptions,
): Promise<ProcessResult> {
  return processes.run(kind, args, { ...options, env, argv0: 'kind' })
}

/** True when kind lists the cluster. A question that fails is an error, never "gone". */
export async function kindClusterExists(tool: KindTool, name: string, signal: AbortSignal): Promise<boolean> {
  const result = await runKind(tool, ['get', 'clusters'], {
    signal,
    timeoutMs: shortTimeoutMs,
  })
  if (result.exitCode !== 0) throw new KindError(result.stderr.trim())
  return result.stdout.split('\n').includes(name)
}

/** Deletes the cluster and looks that it is gone, since kind's word alone proves nothing; one that is not there is fine. */
export async function deleteKindCluster(tool: KindTool, name: string, signal: AbortSignal): Promise<void> {
  await tool.requireLock?.()
  const folder = await makeTemporaryFolder(tool)
  try {
    const args = ['delete', 'cluster', '--name', name, '--kubeconfig', join(folder, 'kubeconfig')]
    const result = await runKind(tool, args, {
      signal,
      timeoutMs: shortTimeoutMs * 2,
    })
    if (result.exitCode !== 0) throw new KindError(result.stderr.trim().slice(-2000))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  if (await kindClusterExists(tool, name, signal))
    throw new KindError(`kind said that ${name} is deleted, but it is there`)
}

async function makeTemporaryFolder({ temporaryFolder }: KindTool): Promise<string> {
  await mkdir(temporaryFolder, { recursive: true, mode: 0o700 })
  return mkdtemp(join(temporaryFolder, 'play-kind-'))
}
