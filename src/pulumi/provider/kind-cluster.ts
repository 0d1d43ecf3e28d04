/** What create, read and delete mean for a kind cluster: kind does the work, its own words are the progress. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProcessResult, ProcessRunner } from '../../domain/ports.ts'
import { kindConfig } from './kind-config.ts'
import type { KindClusterInputs } from './resources.ts'

/** What the plug-in learns from its environment, never from the state. */
export interface KindTool {
  readonly processes: ProcessRunner
  /** Path of kind. */
  readonly kind: string
  /** The container engine's client, for a node's own log when a cluster does not start. */
  readonly engine: string
  readonly temporaryFolder: string
  /** What makes kind use that engine. */
  readonly env: Readonly<Record<string, string>>
}

/** A failure of kind in its own last words. */
class KindError extends Error {
  override readonly name = 'KindError'
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
  const folder = await mkdtemp(join(tool.temporaryFolder, 'play-kind-'))
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
    const result = await tool.processes.run(tool.kind, args, {
      signal,
      timeoutMs: createTimeoutMs,
      env: tool.env,
      input: kindConfig(inputs),
      onLine,
    })
    if (result.exitCode !== 0) throw await explain(tool, inputs.name, result)
    return { endpoint: /server: (\S+)/.exec(await readFile(kubeconfig, 'utf8'))?.[1] ?? '' }
  } catch (error) {
    throw await cleanUp(tool, inputs.name, error)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Removes what a failed creation made; the error that comes back says so if that failed too. */
async function cleanUp(tool: KindTool, name: string, error: unknown): Promise<unknown> {
  // A name that is taken belongs to somebody else's cluster: deleting it would be the worst answer.
  if (error instanceof KindError && /already exist/.test(error.message)) return error
  try {
    await deleteKindCluster(tool, name, AbortSignal.timeout(shortTimeoutMs))
    return error
  } catch (second) {
    const text = [error, second].map((each) => (each instanceof Error ? each.message : String(each)))
    return new KindError(`${text[0] ?? ''}\nand could not clean up: ${text[1] ?? ''}`)
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

/** True when kind lists the cluster. A question that fails is an error, never "gone". */
export async function kindClusterExists(tool: KindTool, name: string, signal: AbortSignal): Promise<boolean> {
  const result = await tool.processes.run(tool.kind, ['get', 'clusters'], {
    signal,
    timeoutMs: shortTimeoutMs,
    env: tool.env,
  })
  if (result.exitCode !== 0) throw new KindError(result.stderr.trim())
  return result.stdout.split('\n').includes(name)
}

/** Deletes the cluster; one that is not there is fine. */
export async function deleteKindCluster(tool: KindTool, name: string, signal: AbortSignal): Promise<void> {
  const folder = await mkdtemp(join(tool.temporaryFolder, 'play-kind-'))
  try {
    const args = ['delete', 'cluster', '--name', name, '--kubeconfig', join(folder, 'kubeconfig')]
    const result = await tool.processes.run(tool.kind, args, {
      signal,
      timeoutMs: shortTimeoutMs * 2,
      env: tool.env,
    })
    if (result.exitCode !== 0) throw new KindError(result.stderr.trim().slice(-2000))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
