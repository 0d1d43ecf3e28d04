/** `play git clone` and `play git push`: a person's own working copy of what the cluster keeps itself in line with. */
import type { ComponentRegistry } from '../domain/component-registry.ts'
import { PlayError } from '../domain/errors.ts'
import type { ClusterClient, Ports, ProcessRunner } from '../domain/ports.ts'
import type { ApplicationState, GitOps, GitServer } from '../domain/slots.ts'
import { createPlan } from '../engine/plan.ts'
import { defineStep, type Scope } from '../engine/step.ts'
import { requireReady } from './reach.ts'
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
  readonly git: GitServer
  readonly gitOps: GitOps | undefined
  readonly ids: readonly string[]
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
        forwarded(reach, scope, async (url) => {
          await git(tools, scope, 'clone', ['clone', '--quiet', '--', url, directory])
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
    const push = defineStep<{ readonly head: string }>({
      id: 'git.push',
      title: 'Push what is committed',
      timeoutMs,
      readOnly: true,
      run: (scope) =>
        forwarded(reach, scope, async (url) => {
          const inside = ['-C', directory]
          await git(tools, scope, 'push', [...inside, 'push', '--quiet', url, 'HEAD:refs/heads/main'])
          await git(tools, scope, 'push', [...inside, 'update-ref', 'refs/remotes/origin/main', 'HEAD'])
          return { head: await git(tools, scope, 'push', [...inside, 'rev-parse', 'HEAD']) }
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
        const names = gitOps.names(ids)
        await gitOps.refresh(client, names, signal)
        const { head: revision } = use(push)
        return gitOps.settle(client, names, {
          revision,
          signal,
          clock: session.clock,
          onPending: (text, fraction) => {
            report.progress(text, fraction)
          },
        })
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

async function reaching<R>(
  name: string,
  { ports, components }: GitTools,
  work: (reach: Reach) => Promise<R>,
): Promise<R> {
  const { state, access } = await requireReady(name, ports)
  const ids = state.spec.components
  const server = components.gitServer(ids)
  if (server === undefined)
    throw PlayError.of('COMPONENT_NEEDED', { name, component: 'git', neededBy: 'play git' })
  const shared = shareClient(ports)
  try {
    return await work({ client: await shared.get(access), git: server, gitOps: components.gitOps(ids), ids })
  } finally {
    await shared.close()
  }
}

/** Runs `work` with the repository's address on this machine, which ends with it. */
async function forwarded<R>(
  { client, git: server }: Reach,
  { signal }: Scope,
  work: (url: string) => Promise<R>,
): Promise<R> {
  const end = new AbortController()
  const { port, closed } = await client.forward(
    { namespace: server.namespace, pod: (now) => server.pod(client, now), port: server.pushPort },
    AbortSignal.any([signal, end.signal]),
  )
  try {
    return await work(`git://127.0.0.1:${String(port)}/${server.repository}`)
  } finally {
    end.abort()
    await closed
  }
}

/** Runs the person's own git, in their settings and language; answers what it printed. */
async function git(
  { processes }: GitTools,
  { signal }: Scope,
  what: string,
  args: readonly string[],
): Promise<string> {
  const { exitCode, stdout, stderr } = await processes.run('git', args, { signal })
  if (exitCode === 0) return stdout.trim()
  const details = stderr.split('\n').filter((line) => line.trim() !== '')
  const reason = details.find((line) => /^(fatal|error): | ! \[/.test(line)) ?? details.at(-1) ?? ''
  throw PlayError.of('GIT_REFUSED', { what, reason: reason.trim() }, { details: details.slice(-40) })
}
