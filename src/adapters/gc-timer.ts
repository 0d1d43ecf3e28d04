/** The timer for `play gc` as a service of systemd for this user, and as a line for cron. */
import { mkdir, readFile, unlink } from 'node:fs/promises'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { PlayError } from '../domain/errors.ts'
import type { GcTimer, TimerChange, TimerFile } from '../domain/gc-timer.ts'
import type { ProcessRunner } from '../domain/ports.ts'
import { hasCode, systemReason } from '../domain/system-error.ts'
import { writeDurably } from './durable-file.ts'

/** What the timer has to say again, since systemd and cron start programs with next to no environment. */
export interface GcTimerSettings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
  /** Absolute path of the Node that runs us. */
  readonly node: string
  /** Root of the package: bin/run.js is there. */
  readonly root: string
  /** Folders of this user, absolute. */
  readonly folders: { readonly state: string; readonly cache: string; readonly config: string }
  readonly processes: ProcessRunner
}

const unit = 'play-gc.timer'
/** First line of both files: files without it are somebody else's. */
const mark = '# Written by play gc --install; play gc --uninstall removes it.'
/** What decides which programs and which engine are found; nothing of it is secret. */
const carried = [
  ...['PATH', 'PLAY_ENGINE', 'PLAY_BUNDLE', 'PLAY_KIND', 'PLAY_PULUMI', 'PLAY_OFFLINE'],
  ...['DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_CONFIG', 'CONTAINER_HOST'],
  ...['KIND_EXPERIMENTAL_PROVIDER', 'KUBECONFIG'],
]
const paths = new Set(['PLAY_BUNDLE', 'PLAY_KIND', 'PLAY_PULUMI'])
const patienceMs = 20_000

/** The timer of this user; looks at nothing before it is asked. */
export function createGcTimer(settings: GcTimerSettings): GcTimer {
  const files = filesOf(settings)
  return {
    files,
    cronLine: cronLineOf(settings),
    installed: () => ours(files),
    async install(signal) {
      await translated('writing the timer', async () => {
        for (const { path } of files) await refuseForeign(path)
        for (const { path, text } of files) {
          await mkdir(dirname(path), { recursive: true })
          await writeDurably(path, text)
        }
      })
      const changed = files.map(({ path }) => path)
      return tellSystemd(settings, [['daemon-reload'], ['enable', '--now', unit]], changed, signal)
    },
    async uninstall(signal) {
      const changed = await ours(files)
      if (changed.length === 0) return { changed }
      const stopped = await tellSystemd(settings, [['disable', '--now', unit]], changed, signal)
      await translated('removing the timer', async () => {
        for (const path of changed) await unlink(path)
      })
      return stopped.refusal === undefined
        ? tellSystemd(settings, [['daemon-reload']], changed, signal)
        : stopped
    },
  }
}

function filesOf(settings: GcTimerSettings): readonly TimerFile[] {
  const { env, home, node, root } = settings
  const base = env['XDG_CONFIG_HOME'] ?? ''
  const folder = join(isAbsolute(base) ? base : join(home, '.config'), 'systemd', 'user')
  const environment = Object.entries(environmentOf(settings)).map(
    ([name, value]) => `Environment=${quoted(`${name}=${value}`)}`,
  )
  // The program itself is taken as it is written; in what follows a dollar sign begins a variable.
  const command = [quoted(node), quoted(join(root, 'bin', 'run.js')).replaceAll('$', '$$$$')]
  return [
    {
      path: join(folder, 'play-gc.service'),
      text: lines(
        ...[mark, '[Unit]', 'Description=Remove the playgrounds whose time is over', ''],
        ...['[Service]', 'Type=oneshot', ...environment],
        `ExecStart=${command.join(' ')} gc --expired --yes`,
      ),
    },
    {
      path: join(folder, unit),
      text: lines(
        ...[mark, '[Unit]', 'Description=Look for playgrounds whose time is over every 15 minutes', ''],
        ...['[Timer]', 'OnCalendar=*:0/15', 'Persistent=true', ''],
        ...['[Install]', 'WantedBy=timers.target'],
      ),
    },
  ]
}

function lines(...texts: readonly string[]): string {
  return `${texts.join('\n')}\n`
}

function environmentOf({ env, folders }: GcTimerSettings): Readonly<Record<string, string>> {
  const kept = carried.flatMap((name) => {
    const value = env[name] ?? ''
    return value === '' ? [] : [[name, paths.has(name) ? resolve(value) : value] as const]
  })
  const { state, cache, config } = folders
  return {
    ...Object.fromEntries(kept),
    ...{ PLAY_STATE_DIR: state, PLAY_CACHE_DIR: cache, PLAY_CONFIG_DIR: config },
  }
}

/** One word for systemd: its quoting, its C-style escapes, and its specifiers (systemd.syntax(7), systemd.unit(5)). */
function quoted(text: string): string {
  const escaped = text.replace(/[\\"]/g, String.raw`\$&`).replaceAll('\n', String.raw`\n`)
  return `"${escaped.replaceAll('%', '%%')}"`
}

/** For the shell that cron starts; cron itself ends the command at a bare percent sign (crontab(5)). */
function cronLineOf(settings: GcTimerSettings): string {
  const { node, root } = settings
  const variables = Object.entries(environmentOf(settings)).map(
    ([name, value]) => `${name}=${shellQuoted(value)}`,
  )
  const words = [...variables, shellQuoted(node), shellQuoted(join(root, 'bin', 'run.js'))]
  const command = `${words.join(' ')} gc --expired --yes >/dev/null 2>&1`
  return `*/15 * * * * ${command.replaceAll('%', String.raw`\%`)}`
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

async function ours(files: readonly TimerFile[]): Promise<readonly string[]> {
  const found = await Promise.all(files.map(async ({ path }) => ((await isOurs(path)) ? [path] : [])))
  return found.flat()
}

/** Undefined where there is no file. */
async function isOurs(path: string): Promise<boolean | undefined> {
  try {
    return (await readFile(path, 'utf8')).startsWith(mark)
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw error
  }
}

async function refuseForeign(path: string): Promise<void> {
  if ((await isOurs(path)) === false) throw new Error(`${path} was not written by play and is left alone`)
}

async function translated(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (cause) {
    throw PlayError.of('FIX_FAILED', { what }, { cause, details: [systemReason(cause)] })
  }
}

/** Runs the calls until one fails; what it says is no failure of ours, for the files are there or gone all the same. */
async function tellSystemd(
  { processes }: GcTimerSettings,
  calls: readonly (readonly string[])[],
  changed: readonly string[],
  signal: AbortSignal,
): Promise<TimerChange> {
  for (const call of calls) {
    const refusal = await refusalOf(call, processes, signal)
    if (refusal !== undefined) return { changed, refusal }
  }
  return { changed }
}

async function refusalOf(
  call: readonly string[],
  processes: ProcessRunner,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const options = { signal, timeoutMs: patienceMs }
    const { exitCode, stderr } = await processes.run('systemctl', ['--user', ...call], options)
    return exitCode === 0
      ? undefined
      : (stderr.trim().split('\n')[0] ?? '') || `exit code ${String(exitCode)}`
  } catch (error) {
    signal.throwIfAborted()
    return error instanceof PlayError && error.id === 'TOOL_MISSING'
      ? 'there is no systemctl'
      : systemReason(error)
  }
}
