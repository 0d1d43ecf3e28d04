/** `play git clone` and `play git push`: a person's own working copy of what the cluster keeps itself in line with. */
import type { ComponentRegistry } from '../domain/component-registry.ts'
import { PlayError } from '../domain/errors.ts'
import type { ExternalGit } from '../domain/git-remote.ts'
import type { ClusterClient, Ports, ProcessResult, ProcessRunner } from '../domain/ports.ts'
import type { ApplicationState, GitOps, GitServer } from '../domain/slots.ts'
import { createPlan } from '../engine/plan.ts'
import { defineStep } from '../engine/step.ts'
import { awaitLive } from './git-live.ts'
import { requireStanding } from './reach.ts'
import { perform, type Session } from './session.ts'
import { shareClient } from './shared-client.ts'

/** What a working copy is asked for. */
export interface GitOptions {
  /** The playground. */
  readonly name: string
  /** Folder of the working copy. */
  readonly directory: string
  /** Patience for a single step, milliseconds. */
  readonly timeoutMs: number
}

/** What the verbs work with. */
export interface GitTools {
  readonly ports: Ports
  readonly components: ComponentRegistry
  readonly processes: ProcessRunner
}

/** What a push came to. */
export interface PushResult {
  readonly name: string
  /** The commit that the cluster is in line with. */
  readonly head: string
  readonly applications: readonly ApplicationState[]
  readonly seconds: number
}

interface Reach {
  readonly client: ClusterClient
  readonly gitOps: GitOps | undefined
  readonly ids: readonly string[]
  /** Undefined where the repository has only one. */
  readonly branch: string | undefined
  /** Makes the repository reachable for as long as `work` takes. */
  readonly connect: <R>(signal: AbortSignal, work: (repository: Reachable) => Promise<R>) => Promise<R>
}

/** The repository as this machine reaches it. */
interface Reachable {
  readonly url: string
  /** Runs the person's own git, in their settings and language. */
  readonly run: (args: readonly string[]) => Promise<ProcessResult>
}

interface Pushed {
  readonly head: string
  /** Files that it changed; undefined for a working copy that does not know what was there before. */
  readonly paths: readonly string[] | undefined
}

/** Clones the platform's repository. Throws GIT_REFUSED, for example for a folder that has something in it. */
export async function gitClone(
  { name, directory }: GitOptions,
  tools: GitTools,
  session: Session,
): Promise<{ readonly name: string; readonly directory: string }> {
  return reaching(name, tools, async (reach) => {
    const clone = defineStep<object>({
      id: 'git.clone',
      title: `Clone into ${directory}`,
      readOnly: true,
      run: (scope) =>
        reach.connect(scope.signal, async ({ url, run }) => {
          const branch = reach.branch === undefined ? [] : ['--branch', reach.branch]
          await git(run, 'clone', ['clone', '--quiet', ...branch, '--', url, directory])
          return {}
        }),
    })
    return perform(session, {
      subject: name,
      plan: createPlan([{ name: 'Clone', steps: [clone] }]),
      resume: [`play git clone ${directory} --name ${name}`],
      result: () => ({ name, directory }),
    })
  })
}

/** Pushes what is committed in `directory`, has it compared at once, and waits until the cluster is in line with it. */
export async function gitPush(options: GitOptions, tools: GitTools, session: Session): Promise<PushResult> {
  const { name, directory, timeoutMs } = options
  const started = session.clock.now()
  return reaching(name, tools, async (reach) => {
    const push = defineStep<Pushed>({
      id: 'git.push',
      title: 'Push what is committed',
      timeoutMs,
      readOnly: true,
      run: (scope) =>
        reach.connect(scope.signal, async ({ url, run }) => {
          const inside = ['-C', directory]
          const { branch = 'main' } = reach
          const tracked = `refs/remotes/origin/${branch}`
          const former = await run([...inside, 'rev-parse', '--verify', '--quiet', tracked])
          await git(run, 'push', [...inside, 'push', '--quiet', url, `HEAD:refs/heads/${branch}`])
          await git(run, 'push', [...inside, 'update-ref', tracked, 'HEAD'])
          const head = await git(run, 'push', [...inside, 'rev-parse', 'HEAD'])
          const known = former.stdout.trim()
          if (former.exitCode !== 0 || known === '') return { head, paths: undefined }
          const range = [known, head]
          const changed = await git(run, 'push', [...inside, 'diff', '--name-only', '-z', ...range])
          return { head, paths: changed.split('\0').filter(Boolean) }
        }),
      describe: ({ head }) => head.slice(0, 7),
    })
    const live = defineStep<readonly ApplicationState[]>({
      id: 'git.live',
      title: 'Wait until the cluster is in line with it',
      after: [push],
      timeoutMs,
      readOnly: true,
      async run({ use, signal, report }) {
        const { client, gitOps, ids } = reach
        if (gitOps === undefined) return []
        const { head: revision, paths } = use(push)
        const onPending = (text: string, fraction: number): void => {
          report.progress(text, fraction)
        }
        const { components } = tools
        const live = { client, gitOps, ids, components, revision, paths, clock: session.clock, onPending }
        return awaitLive(live, signal)
      },
      describe: (states) => `${String(states.length)} applications`,
    })
    return perform(session, {
      subject: name,
      plan: createPlan([{ name: 'Push', steps: reach.gitOps === undefined ? [push] : [push, live] }]),
      resume: [`play git push ${directory} --name ${name}`],
      result: ({ output }) => ({
        name,
        head: output(push)?.head ?? '',
        applications: output(live) ?? [],
        seconds: (session.clock.now() - started) / 1000,
      }),
    })
  })
}

async function reaching<R>(name: string, tools: GitTools, work: (reach: Reach) => Promise<R>): Promise<R> {
  const { ports, components } = tools
  const { state, access } = await requireStanding(name, ports)
  const { components: ids, git: external } = state.spec
  const server = external ?? components.gitServer(ids)
  if (server === undefined)
    throw PlayError.of('COMPONENT_NEEDED', { name, component: 'git', neededBy: 'play git' })
  const shared = shareClient(ports)
  try {
    const client = await shared.get(access)
    const connect: Reach['connect'] =
      'url' in server
        ? (signal, use) => direct(server, name, tools, signal, use)
        : (signal, use) => forwarded(client, server, tools, signal, use)
    return await work({ client, gitOps: components.gitOps(ids), ids, branch: external?.branch, connect })
  } finally {
    await shared.close()
  }
}

/** Nothing is in between, and git has the credentials that `up` was given. */
async function direct<R>(
  git: ExternalGit,
  name: string,
  { ports }: GitTools,
  signal: AbortSignal,
  work: (repository: Reachable) => Promise<R>,
): Promise<R> {
  const [remotes, states] = await Promise.all([ports.gitRemotes(), ports.states()])
  const remote = remotes.open(git, states.folder(name))
  return work({ url: git.url, run: (args) => remote.git(args, signal) })
}

/** Runs `work` with the repository's address on this machine, which ends with it. */
async function forwarded<R>(
  client: ClusterClient,
  server: GitServer,
  { processes }: GitTools,
  signal: AbortSignal,
  work: (repository: Reachable) => Promise<R>,
): Promise<R> {
  const end = new AbortController()
  const { port, closed } = await client.forward(
    { namespace: server.namespace, pod: (now) => server.pod(client, now), port: server.pushPort },
    AbortSignal.any([signal, end.signal]),
  )
  try {
    const url = `git://127.0.0.1:${String(port)}/${server.repository}`
    return await work({ url, run: (args) => processes.run('git', args, { signal }) })
  } finally {
    end.abort()
    await closed
  }
}

/** Answers what git printed; throws GIT_REFUSED with its words. */
async function git(run: Reachable['run'], what: string, args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await run(args)
  if (exitCode === 0) return stdout.trim()
  const details = stderr.split('\n').filter((line) => line.trim() !== '')
  const reason = details.find((line) => /^(fatal|error): | ! \[/.test(line)) ?? details.at(-1) ?? ''
  throw PlayError.of('GIT_REFUSED', { what, reason: reason.trim() }, { details: details.slice(-40) })
}
