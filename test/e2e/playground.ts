/** Runs the built CLI as a person would, in a state folder and a kubeconfig of its own. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa, type Result } from 'execa'

const root = join(import.meta.dirname, '..', '..')

/** A kubeconfig that somebody had before: its current context must survive a playground. */
const formerKubeconfig = `apiVersion: v1
kind: Config
# a comment of its owner
current-context: mine
contexts:
  - name: mine
    context: { cluster: mine, user: mine }
clusters:
  - name: mine
    cluster: { server: 'https://127.0.0.1:1' }
users:
  - name: mine
    user: {}
`

/** What one call of play said. */
export interface Said {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  readonly durationMs: number
}

/** A place to play in. */
export interface Sandbox {
  readonly folder: string
  readonly kubeconfig: string
  readonly env: Readonly<Record<string, string>>
  play(args: readonly string[], options?: { readonly env?: Readonly<Record<string, string>> }): Promise<Said>
  /** Starts play and hands over the running process, for signals. */
  start(args: readonly string[]): ReturnType<typeof run>
  /** Runs the container engine's client, kubectl or kind with the same environment. */
  tool(file: string, args: readonly string[]): Promise<string>
  /** The document of `--output json`. */
  json(args: readonly string[]): Promise<{ readonly said: Said; readonly document: unknown }>
  close(): Promise<void>
}

function run(args: readonly string[], env: Readonly<Record<string, string>>) {
  return execa(process.execPath, [join(root, 'bin', 'run.js'), ...args], {
    env,
    reject: false,
    stdin: 'ignore',
  })
}

/** Makes a sandbox; `env` adds to or replaces what the machine has. */
export async function openSandbox(env: Readonly<Record<string, string>> = {}): Promise<Sandbox> {
  const folder = await mkdtemp(join(tmpdir(), 'play-e2e-'))
  const kubeconfig = join(folder, 'kubeconfig')
  await writeFile(kubeconfig, formerKubeconfig, { mode: 0o600 })
  const own = { PLAY_STATE_DIR: join(folder, 'state'), KUBECONFIG: kubeconfig, CI: 'true', ...env }
  const start = (
    args: readonly string[],
    more: Readonly<Record<string, string>> = {},
  ): ReturnType<typeof run> => run(args, { ...own, ...more })
  const play: Sandbox['play'] = async (args, options = {}) => said(await start(args, options.env))
  return {
    folder,
    kubeconfig,
    env: own,
    play,
    start: (args) => start(args),
    tool: async (file, args) => (await execa(file, args, { env: own })).stdout,
    async json(args: readonly string[]) {
      const answer = await play([...args, '--output', 'json'])
      return { said: answer, document: JSON.parse(answer.stdout) as unknown }
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

/** A finished process as what it said. */
export function said(result: Pick<Result, 'exitCode' | 'stdout' | 'stderr' | 'durationMs'>): Said {
  return {
    exitCode: result.exitCode ?? -1,
    stdout: String(result.stdout ?? ''),
    stderr: String(result.stderr ?? ''),
    durationMs: result.durationMs,
  }
}

/** The text of the kubeconfig that was there before. */
export function isAsBefore(sandbox: Sandbox): Promise<boolean> {
  return readFile(sandbox.kubeconfig, 'utf8').then((text) => text === formerKubeconfig)
}
