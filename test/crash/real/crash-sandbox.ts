/** A place to crash in: runs the built CLI with kill points, lets the witness look, and cleans up after both. */
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { execa } from 'execa'
import { openSandbox } from '../../e2e/playground.ts'
import { readCrashLog, type CrashLog } from './crash-log.ts'
import type { Trial } from './trial.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const witness = join(import.meta.dirname, 'witness.sh')
const killPoints = pathToFileURL(join(import.meta.dirname, 'kill-points.mjs')).href

/** How a call of play ended. */
export interface Ended {
  /** Undefined for one that was killed. */
  readonly exitCode: number | undefined
  readonly stdout: string
  readonly stderr: string
  readonly durationMs: number
  /** It had not ended after a quarter of an hour, and was killed for that. */
  readonly timedOut: boolean
}

/** A call of play that was watched. */
export interface Crashed extends Ended {
  readonly log: CrashLog
}

/** One playground's place. */
export interface CrashSandbox {
  /** Of the playground. */
  readonly name: string
  readonly folder: string
  /** Notes what is there before, for the witness. */
  remember(): Promise<void>
  play(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>
  /** Starts play watched: `points` answers the names of the points so far. */
  watch(args: readonly string[]): Watched
  /** Runs play with a kill, or counting its points without one. */
  crash(args: readonly string[], trial?: Pick<Trial, 'point' | 'victim' | 'delayMs'>): Promise<Crashed>
  /** What the witness finds; throws when it could not look. */
  look(): Promise<readonly string[]>
  /** The verdict of the newest certificate of this playground; undefined without one. */
  verdict(): Promise<string | undefined>
  /** Runs a program with the sandbox's environment. */
  tool(file: string, args: readonly string[]): Promise<string>
  /** Removes what is left of the playground, by all means; answers what the witness still finds then. */
  clean(): Promise<readonly string[]>
  /** Removes the folder. */
  close(): Promise<void>
}

/** A call of play that is under way. */
export interface Watched {
  readonly ended: Promise<Ended>
  /** Sends SIGINT; resolves when the process has taken it, or has ended. */
  interrupt(): Promise<void>
  points(): Promise<string>
}

/**
 * Opens a sandbox for a playground of this name. An abort kills what runs in it, but cleans nothing up. `program` is
 * what is run and crashed: the built CLI outside the harness's own tests.
 */
export async function openCrashSandbox(
  name: string,
  signal?: AbortSignal,
  program: string = join(root, 'bin', 'run.js'),
): Promise<CrashSandbox> {
  const place = await openSandbox()
  const { folder, kubeconfig, env } = place
  const former = join(folder, 'witness', 'kubeconfig')
  await mkdir(join(folder, 'crash'))
  let runs = 0

  const start = (args: readonly string[], more: Readonly<Record<string, string>> = {}, free = false) =>
    execa(process.execPath, [program, ...args], {
      env: { ...env, ...more },
      reject: false,
      stdin: 'ignore',
      // A Ctrl-C in the terminal is for the harness.
      detached: true,
      timeout: 15 * 60_000,
      killSignal: 'SIGKILL',
      ...(signal === undefined || free ? {} : { cancelSignal: signal }),
    })
  const play: CrashSandbox['play'] = async (args, more) => {
    signal?.throwIfAborted()
    const ended = endOf(await start(args, more))
    signal?.throwIfAborted()
    return ended
  }
  const newLog = (): { readonly log: string; readonly watching: Readonly<Record<string, string>> } => {
    runs += 1
    const log = join(folder, 'crash', `run-${String(runs)}.log`)
    return { log, watching: { NODE_OPTIONS: `--import=${killPoints}`, CRASH_LOG: log } }
  }
  const witnessSays = (...args: readonly string[]) =>
    execa('bash', [witness, ...args], { reject: false, stdin: 'ignore', detached: true })
  const look = async (): Promise<readonly string[]> => {
    const { exitCode, stdout, stderr } = await witnessSays('look', name, folder, former)
    if (exitCode !== 0 && exitCode !== 1) throw new Error(`the witness ${stderr}`)
    return stdout.split('\n').filter(Boolean)
  }

  return {
    name,
    folder,
    async remember() {
      const { exitCode, stderr } = await witnessSays('remember', folder)
      if (exitCode !== 0) throw new Error(`the witness ${stderr}`)
      await copyFile(kubeconfig, former)
    },
    play,
    watch(args) {
      const { log, watching } = newLog()
      const child = start(args, watching)
      return {
        ended: (async () => endOf(await child))(),
        async interrupt() {
          child.kill('SIGINT')
          // Two that wait to be taken would count as one.
          while (await hasPendingInterrupt(child.pid)) await nextTurn()
        },
        points: () => readFile(log, 'utf8').catch(() => ''),
      }
    },
    async crash(args, trial) {
      const { log, watching } = newLog()
      const target = trial && {
        CRASH_AT: String(trial.point),
        CRASH_VICTIM: trial.victim,
        CRASH_DELAY: String(trial.delayMs),
      }
      const ended = await play(args, { ...watching, ...target })
      return { ...ended, log: readCrashLog(await readFile(log, 'utf8').catch(() => '')) }
    },
    look,
    verdict: () => newestVerdict(join(folder, 'state', 'certificates'), name),
    tool: (file, args) => place.tool(file, args),
    async clean() {
      await start(['down', name, '--force', '--yes'], {}, true)
      const findings = await look()
      await removeFound(findings, name)
      // What is in the sandbox goes with it, and what is gone cannot be brought back.
      return (await look()).filter((each) => !/^file: |^kubeconfig|is gone: /.test(each))
    },
    close: () => place.close(),
  }
}

function endOf(result: {
  readonly exitCode?: number | undefined
  readonly stdout?: unknown
  readonly stderr?: unknown
  readonly durationMs: number
  readonly timedOut: boolean
}): Ended {
  const { exitCode, durationMs, timedOut } = result
  const text = (value: unknown): string => (typeof value === 'string' ? value : '')
  return { exitCode, stdout: text(result.stdout), stderr: text(result.stderr), durationMs, timedOut }
}

/** Bit 1 of the signals that wait for a process (proc_pid_status(5)) is SIGINT. */
async function hasPendingInterrupt(pid: number | undefined): Promise<boolean> {
  const text = await readFile(`/proc/${String(pid)}/status`, 'utf8').catch(() => '')
  const [, pending = '0'] = /^ShdPnd:\s*([0-9a-f]+)$/m.exec(text) ?? []
  return (BigInt(`0x${pending}`) & 2n) !== 0n
}

async function newestVerdict(folder: string, name: string): Promise<string | undefined> {
  const files = await readdir(folder).catch(() => [])
  const certificates = await Promise.all(
    files
      .filter((file) => file.endsWith('.json'))
      .map(async (file) => JSON.parse(await readFile(join(folder, file), 'utf8')) as StoredCertificate),
  )
  const own = certificates.filter((each) => each.name === name)
  return own.sort((a, b) => a.issuedAt.localeCompare(b.issuedAt)).at(-1)?.verdict
}

interface StoredCertificate {
  readonly name: string
  readonly verdict: string
  readonly issuedAt: string
}

/** Ends and removes what the witness found of this playground: processes by number, containers and their volumes. */
async function removeFound(findings: readonly string[], name: string): Promise<void> {
  const engines = new Set<string>()
  for (const finding of findings) {
    const pid = /^process (\d+):/.exec(finding)?.[1]
    if (pid !== undefined) endProcess(Number(pid))
    const engine = /^(\S+) (?:container|volume|network): /.exec(finding)?.[1]
    if (engine !== undefined) engines.add(engine)
  }
  for (const engine of engines) {
    const by = `label=io.x-k8s.kind.cluster=play-${name}`
    const containers = await names(engine, ['ps', '--all', '--filter', by, '--format', '{{.Names}}'])
    if (containers.length > 0)
      await execa(engine, ['rm', '--force', '--volumes', ...containers], { reject: false })
    // kind with podman: a volume per node, with the node's name for a label.
    const nodes = `label=play-${name}-control-plane`
    const volumes = await names(engine, ['volume', 'ls', '--filter', nodes, '--format', '{{.Name}}'])
    if (volumes.length > 0) await execa(engine, ['volume', 'rm', ...volumes], { reject: false })
    // Refused while anybody uses it.
    if (findings.includes(`${engine} network: kind`))
      await execa(engine, ['network', 'rm', 'kind'], { reject: false })
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

async function names(engine: string, args: readonly string[]): Promise<string[]> {
  const { stdout } = await execa(engine, args, { reject: false })
  return stdout.split('\n').filter(Boolean)
}
