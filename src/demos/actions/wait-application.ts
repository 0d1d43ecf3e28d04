/** Waits until an application runs what was committed, shows its pods meanwhile, and undoes a commit that does not run. */
import { filled } from '../../domain/demo.ts'
import { pushesOf, type WaitAction } from '../../domain/demo-definition.ts'
import { given } from '../../domain/given.ts'
import type { ClusterClient } from '../../domain/ports.ts'
import type { ApplicationState, GitOps } from '../../domain/slots.ts'
import type { Scope } from '../../engine/step.ts'
import type { Scene } from '../scene.ts'
import { isDeployed, lastWords, podTask } from './pods.ts'

type Wanted = Extract<WaitAction['wait'], { readonly application: string }>

/** How long an application may be unhealthy with what was committed; milliseconds. A rollout passes through trouble. */
const troubleMs = 3000

/** Throws DEMO_FAILED with the pods' last words when the application does not become healthy. */
export async function awaitApplication(wanted: Wanted, scene: Scene, scope: Scope): Promise<void> {
  const { context, text } = scene
  const { application: name } = wanted
  const client = await context.client()
  const gitOps = filled('gitops', context.gitOps, context)
  const namespace = namespaceOf(name, scene)
  const revision = wanted.revision === undefined ? undefined : text(wanted.revision)
  const end = new AbortController()
  const signal = AbortSignal.any([scope.signal, end.signal])
  const shown = showPods(client, namespace, scope.report, signal)
  let bad: string | undefined
  try {
    await gitOps.refresh(client, [name], signal)
    const settled = settle({ client, gitOps, name, revision }, scene, scope, signal)
    bad = await Promise.race([
      settled.then(() => undefined),
      awaitTrouble({ client, gitOps, name, revision }, scene, signal),
    ])
  } finally {
    end.abort(new Error('settled'))
    await shown
  }
  if (bad === undefined) return
  const details = await lastWords(client, namespace, scope.signal)
  const undone = await undo(wanted, { client, gitOps, name, revision }, scene, scope)
  const inspect = `kubectl --namespace ${namespace} get pods`
  throw scene.failure(
    `application ${name} does not run${bad === '' ? '' : `: ${bad}`}${undone}`,
    inspect,
    details,
  )
}

interface Followed {
  readonly client: ClusterClient
  readonly gitOps: GitOps
  readonly name: string
  readonly revision: string | undefined
}

function settle(
  { client, gitOps, name, revision }: Followed,
  { context: { clock } }: Scene,
  { report }: Scope,
  signal: AbortSignal,
): Promise<unknown> {
  const onPending = (text: string): void => {
    report.progress(text)
  }
  return gitOps.settle(client, [name], {
    ...given('revision', revision),
    ...{ signal, clock, onPending },
  })
}

/** Answers why, once the application has been unhealthy with the wanted commit for too long. */
async function awaitTrouble(
  { client, gitOps, name, revision }: Followed,
  { context: { clock } }: Scene,
  signal: AbortSignal,
): Promise<string> {
  const trouble = Promise.withResolvers<string>()
  let calm: AbortController | undefined
  let message = ''
  const tell = (): void => {
    trouble.resolve(message)
  }
  const look = (state: ApplicationState): void => {
    const isDeployedNow = state.sync === 'synced' && (revision === undefined || state.revision === revision)
    if (!isDeployedNow || state.health !== 'unhealthy') {
      calm?.abort()
      calm = undefined
      return
    }
    message = state.message
    // It is told of more than once, and each time it is the same trouble.
    if (calm !== undefined) return
    calm = new AbortController()
    clock.sleep(troubleMs, AbortSignal.any([signal, calm.signal])).then(tell, () => undefined)
  }
  const follow = async (): Promise<void> => {
    for await (const [state] of gitOps.observe(client, [name], signal)) if (state !== undefined) look(state)
  }
  follow().catch(trouble.reject)
  return trouble.promise
}

/** Brings back what was deployed before, and waits until it runs; answers what to say of it. */
async function undo({ revert }: Wanted, followed: Followed, scene: Scene, scope: Scope): Promise<string> {
  const { client, gitOps, name, revision } = followed
  if (revert === undefined || revision === undefined) return ''
  const { context } = scene
  scope.report.progress('undoing the commit')
  const repositories = filled('git', context.repositories, context)
  const head = await repositories.revert(client, revert, revision, scope.signal)
  await gitOps.refresh(client, [name], scope.signal)
  await settle({ ...followed, revision: head }, scene, scope, scope.signal)
  return '. The commit was undone, and what ran before runs again'
}

/** Where the application's objects are, by the push that made it. */
function namespaceOf(name: string, { context }: Scene): string {
  const found = pushesOf(context.folder.definition).find(({ application }) => application?.name === name)
  return found?.application?.namespace ?? name
}

/** Tells each change of a deployed pod, until the signal aborts. What cannot be watched costs the show only. */
async function showPods(
  client: ClusterClient,
  namespace: string,
  report: Scope['report'],
  signal: AbortSignal,
): Promise<void> {
  const told = new Map<string, string>()
  try {
    for await (const event of client.watch({ apiVersion: 'v1', kind: 'Pod', namespace }, signal)) {
      if (!isDeployed(event.object)) continue
      const task = podTask(event)
      const before = told.get(task.task)
      const now = JSON.stringify([task.phase, task.message])
      // Of pods that ran before only the end is news.
      const isOld = before === undefined && event.type === 'added' && task.phase === 'succeeded'
      if (!isOld && now !== before) report.task(task)
      told.set(task.task, now)
    }
  } catch (error) {
    if (!signal.aborted) report.warn('API_REJECTED', error instanceof Error ? error.message : String(error))
  }
}
