/** The StackRunner port on the Automation API: one playground's stack, kept in files beside its state. */
import { chmod, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { platform } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import type { EngineEvent, LocalWorkspaceOptions, Stack } from '@pulumi/pulumi/automation/index.js'
import { PlayError } from '../domain/errors.ts'
import type {
  FoundArtifact,
  ProcessRunner,
  StackResource,
  StackRunner,
  StackRunOptions,
} from '../domain/ports.ts'
import type { Clock } from '../engine/clock.ts'
import { createPulumiCommand } from './command.ts'
import { tellEvent, type EngineStory } from './engine-events.ts'
import { isLocked, toStackError } from './stack-errors.ts'

/** Everything that one playground's stack needs to know. */
export interface StackRunnerOptions {
  readonly playground: string
  /** Folder for backend, home, work folder and passphrase; made 0700. */
  readonly folder: string
  readonly pulumi: FoundArtifact
  /** Folder with the launcher pulumi-resource-play. */
  readonly launcherFolder: string
  /** Environment of the engine and so of the plug-in: PATH and what kind needs. */
  readonly env: Readonly<Record<string, string>>
  readonly processes: ProcessRunner
  readonly clock: Clock
  readonly newPassphrase: () => string
  /** Called with true before a crash's lock is cleared: only a dead owner's may be. */
  readonly lockOwnerIsDead: () => Promise<boolean>
}

const project = 'play'
/** After an error the engine normally ends within a second; some failures make it wait for ever. */
const silenceAfterErrorMs = 30_000

/** Makes the runner. Nothing is imported or written until it is used. */
export function createStackRunner(options: StackRunnerOptions): StackRunner {
  return {
    async load() {
      await import('./automation.ts')
    },
    up: async (program, run) => {
      const refresh = run.refresh ? { refresh: true } : {}
      await withStack(options, 'up', run, program, (stack, onEvent) => stack.up({ onEvent, ...refresh }))
    },
    destroy: async (run) => {
      if ((await readStack(options)) === undefined) return
      await withStack(
        options,
        'destroy',
        run,
        () => Promise.resolve(),
        (stack, onEvent) => stack.destroy({ onEvent, remove: true }),
      )
    },
    resources: () => readResources(options),
    leftUnfinished: () => isUnfinished(options),
  }
}

/** Path of the file backend's state of this stack; the layout is the backend's own (version 1). */
function statePath({ folder, playground }: StackRunnerOptions): string {
  return join(folder, 'backend', '.pulumi', 'stacks', project, `${playground}.json`)
}

/** What the engine last wrote of a stack, as far as play reads it. */
interface Deployment {
  /** A resource with `initErrors` is there, but its creation failed. */
  readonly resources?: readonly (StackResource & { readonly initErrors?: readonly string[] })[]
  readonly pending_operations?: readonly { readonly type: string; readonly resource: StackResource }[]
}

/** Undefined without a stack; throws STACK_FAILED for a file that was cut short, as a full disk leaves it. */
async function readStack(options: StackRunnerOptions): Promise<Deployment | undefined> {
  let text: string
  try {
    text = await readFile(statePath(options), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const { playground: name } = options
  try {
    const state = JSON.parse(text) as { checkpoint?: { latest?: Deployment | null } }
    return state.checkpoint?.latest ?? {}
  } catch (cause) {
    const params = { verb: 'read the state of', reason: 'its state file is damaged', name }
    throw PlayError.of('STACK_FAILED', params, { cause, suggestions: [`play down ${name}`] })
  }
}

async function readResources(options: StackRunnerOptions): Promise<readonly StackResource[] | undefined> {
  const deployment = await readStack(options)
  if (deployment === undefined) return undefined
  const { resources = [] } = deployment
  return resources.map(({ urn, type, id }) => ({ urn, type, ...(id === undefined ? {} : { id }) }))
}

async function isUnfinished(options: StackRunnerOptions): Promise<boolean> {
  const { resources = [], pending_operations: pending = [] } = (await readStack(options)) ?? {}
  if (resources.some(({ initErrors = [] }) => initErrors.length > 0)) return true
  // A pending creation stays in the file when a later run has made the resource after all.
  const made = new Set(resources.map(({ urn }) => urn))
  return pending.some(({ type, resource }) => type === 'creating' && !made.has(resource.urn))
}

type Verb = (stack: Stack, onEvent: (event: EngineEvent) => void) => Promise<unknown>

async function withStack(
  options: StackRunnerOptions,
  name: 'up' | 'destroy',
  run: StackRunOptions,
  program: () => Promise<void>,
  verb: Verb,
): Promise<void> {
  const story: EngineStory = { errors: [], lines: [] }
  const watchdog = new AbortController()
  const signal = AbortSignal.any([run.signal, watchdog.signal])
  try {
    const stack = await openStack(options, signal, program)
    const listen = listener(options, story, run, watchdog, signal)
    await clearTornLocks(options)
    try {
      await verb(stack, listen)
    } catch (error) {
      if (!isLocked(error) || !(await options.lockOwnerIsDead())) throw error
      await stack.cancel()
      await verb(stack, listen)
    } finally {
      await syncState(options)
    }
  } catch (error) {
    run.signal.throwIfAborted()
    throw toStackError(error, name, options.playground, story)
  } finally {
    // Ends a watch on silence that is still running.
    watchdog.abort()
  }
}

/**
 * Removes the engine's lock files that a crash left half written, as long as nobody runs who could be writing one. The
 * engine does not call that locked: it ends with "unexpected end of JSON input", as for a damaged state (seen with 3.259).
 */
async function clearTornLocks(options: StackRunnerOptions): Promise<void> {
  const locks = join(options.folder, 'backend', '.pulumi', 'locks')
  for (const entry of await readdir(locks, { recursive: true, withFileTypes: true }).catch(noneThere)) {
    const path = join(entry.parentPath, entry.name)
    if (!entry.isFile() || isJson(await readFile(path, 'utf8'))) continue
    if (await options.lockOwnerIsDead()) await rm(path)
  }
}

function noneThere(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT') return []
  throw error
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Brings what the engine wrote of the stack to the disk: it renames the file into place and leaves it at that. */
async function syncState(options: StackRunnerOptions): Promise<void> {
  const path = statePath(options)
  // Windows cannot open a folder, and writes names through by itself.
  for (const each of platform() === 'win32' ? [path] : [path, dirname(path)]) {
    const file = await open(each, each === path ? 'r+' : 'r').catch(noneThere)
    if (!('sync' in file)) continue
    await file.sync().finally(() => file.close())
  }
}

/**
 * Draws progress, and aborts `watchdog` when an engine has reported an error and then said nothing for half a minute: a
 * resource that could not be prepared makes it wait for ever. `signal` ends the watch.
 */
export function listener(
  { clock }: StackRunnerOptions,
  story: EngineStory,
  run: StackRunOptions,
  watchdog: AbortController,
  signal: AbortSignal,
): (event: EngineEvent) => void {
  let watch: AbortController | undefined
  return (event) => {
    tellEvent(event, story, run.report)
    watch?.abort()
    if (story.errors.length === 0) return
    watch = new AbortController()
    clock.sleep(silenceAfterErrorMs, AbortSignal.any([signal, watch.signal])).then(
      () => {
        watchdog.abort(new Error('the engine reported an error and then fell silent'))
      },
      () => undefined,
    )
  }
}

async function openStack(
  options: StackRunnerOptions,
  signal: AbortSignal,
  program: () => Promise<void>,
): Promise<Stack> {
  const { LocalWorkspace } = await import('./automation.ts')
  const { playground: stackName } = options
  const workspace = await workspaceOptions(options, signal)
  await initStack(options)
  const args = { stackName, projectName: project, program: async () => (await program(), {}) }
  return LocalWorkspace.selectStack(args, workspace)
}

/**
 * Writes the empty stack if there is none, as `pulumi stack init` leaves it in a file backend of version 1; that call
 * takes half a second, and `pulumi up` adds by itself what belongs to the passphrase.
 */
async function initStack(options: StackRunnerOptions): Promise<void> {
  const { folder, playground } = options
  const path = statePath(options)
  if ((await stat(path).catch(() => undefined)) !== undefined) return
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeFile(join(folder, 'backend', '.pulumi', 'meta.yaml'), 'version: 1\n', { mode: 0o600 })
  const empty = { version: 3, checkpoint: { stack: `organization/${project}/${playground}`, latest: null } }
  // Renamed into place: half a file would be a damaged stack.
  await writeFile(`${path}.new`, JSON.stringify(empty), { mode: 0o600 })
  await rename(`${path}.new`, path)
}

async function workspaceOptions(
  options: StackRunnerOptions,
  signal: AbortSignal,
): Promise<LocalWorkspaceOptions> {
  const { folder, pulumi, processes } = options
  const [backend, home, workDir] = ['backend', 'home', 'work'].map((name) => join(folder, name))
  if (backend === undefined || home === undefined || workDir === undefined) throw new Error('unreachable')
  await Promise.all([backend, home, workDir].map((each) => mkdir(each, { recursive: true, mode: 0o700 })))
  await chmod(folder, 0o700)
  // The Automation API writes it anew for everybody to read, unless it is there.
  const settings = await open(join(workDir, 'Pulumi.yaml'), 'a', 0o600)
  await settings.chmod(0o600).finally(() => settings.close())
  const passphraseFile = join(folder, 'passphrase')
  // `wx`: an existing passphrase is kept, since the stack's salt belongs to it.
  await writeFile(passphraseFile, options.newPassphrase(), { mode: 0o600, flag: 'wx' }).catch(ignoreExisting)
  return {
    workDir,
    pulumiHome: home,
    pulumiCommand: createPulumiCommand({ path: pulumi.path, version: pulumi.version, processes, signal }),
    projectSettings: {
      name: project,
      runtime: 'nodejs',
      main: workDir,
      backend: { url: `file://${backend}` },
    },
    envVars: {
      ...options.env,
      PATH: [options.launcherFolder, options.env['PATH']].join(delimiter),
      PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile,
      PULUMI_BACKEND_URL: `file://${backend}`,
      PULUMI_SKIP_UPDATE_CHECK: 'true',
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    },
  }
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}
