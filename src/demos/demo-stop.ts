/** Takes out what a demo has made in the cluster: what was made last goes first. */
import type { KubeObject } from '../domain/cluster.ts'
import type { DemoContext } from '../domain/demo.ts'
import { pushesOf, type DemoFile } from '../domain/demo-definition.ts'
import { given } from '../domain/given.ts'
import type { ClusterClient, ResourceRef } from '../domain/ports.ts'
import { defineStep, type Step } from '../engine/step.ts'
import { waitUntil, type WaitOptions } from '../engine/wait.ts'
import { demoLabel } from './scene.ts'

/** Between two looks whether something is gone, milliseconds. */
const intervalMs = 500

type Named = ResourceRef & { readonly name: string }
type Remove = (scope: { readonly signal: AbortSignal }) => Promise<number>

/** The steps, one after the other; each answers how much it removed, and removing nothing is fine. */
export function stopSteps(context: DemoContext): readonly Step<{ readonly removed: number }>[] {
  const { definition } = context.folder
  const kinds: readonly { readonly id: string; readonly title: string; readonly remove: Remove }[] = [
    { id: 'runs', title: 'Delete its workflows', remove: ({ signal }) => removeRuns(context, signal) },
    {
      id: 'applications',
      title: 'Delete its applications',
      remove: ({ signal }) => removeApplications(context, signal),
    },
    { id: 'objects', title: 'Delete its objects', remove: ({ signal }) => removeObjects(context, signal) },
    {
      id: 'repositories',
      title: 'Delete its repositories',
      remove: ({ signal }) => removeRepositories(context, signal),
    },
  ]
  const steps: Step<{ readonly removed: number }>[] = []
  for (const { id, title, remove } of kinds)
    steps.push(
      defineStep({
        id: `stop.${definition.id}.${id}`,
        title,
        after: steps.slice(-1),
        timeoutMs: context.timeoutMs,
        run: async (scope) => ({ removed: await remove(scope) }),
        describe: ({ removed }) => (removed === 0 ? 'nothing was there' : String(removed)),
      }),
    )
  return steps
}

/** Files for every product that fills `pipelines`: another one may have filled it when the demo ran. */
function filesOf(file: DemoFile): readonly string[] {
  return typeof file === 'string' ? [file] : Object.values(file)
}

async function removeRuns(context: DemoContext, signal: AbortSignal): Promise<number> {
  const { folder } = context
  const files = folder.definition.steps.flatMap((step) =>
    'workflow' in step ? filesOf(step.workflow.file) : [],
  )
  const client = await context.client()
  const objects = (await Promise.all(files.map((file) => folder.objects(file)))).flat()
  const found = await Promise.all(
    objects.map(async ({ apiVersion, kind, metadata: { namespace = 'default' } }) => {
      const labelSelector = `${demoLabel}=${folder.definition.id}`
      const ref = { apiVersion, kind, namespace }
      const runs = await client.list({ ...ref, labelSelector, metadataOnly: true }, signal)
      return runs.map(({ metadata: { name } }) => ({ ...ref, name }))
    }),
  )
  return removeAll(client, unique(found.flat()), context, signal)
}

async function removeApplications(context: DemoContext, signal: AbortSignal): Promise<number> {
  const { folder, gitOps, repositories, clock, timeoutMs } = context
  if (gitOps === undefined || repositories === undefined) return 0
  const objects = pushesOf(folder.definition).flatMap(({ repository, application }) => {
    if (application === undefined) return []
    const { name, namespace, path = '.' } = application
    return gitOps.applications(
      [{ name, path, wave: 0, namespace, keep: false }],
      repositories.url(repository).read,
    )
  })
  const own = await ownOf(context, unique(objects.map(refOf)), signal)
  const names = own.map(({ name }) => name)
  await gitOps.remove(await context.client(), names, { clock, timeoutMs, signal })
  return names.length
}

async function removeObjects(context: DemoContext, signal: AbortSignal): Promise<number> {
  const { folder } = context
  const files = folder.definition.steps.flatMap((step) =>
    'apply' in step ? step.apply.files.flatMap(filesOf) : [],
  )
  const objects = (await Promise.all(files.map((file) => folder.objects(file)))).flat()
  return removeOwn(context, unique(objects.map(refOf)).toReversed(), signal)
}

async function removeRepositories(context: DemoContext, signal: AbortSignal): Promise<number> {
  const { folder, repositories } = context
  // With whoever served them they are gone.
  if (repositories === undefined) return 0
  const names = pushesOf(folder.definition).map(({ repository }) => repository)
  const client = await context.client()
  const removed = await Promise.all(
    [...new Set(names)].map((name) => repositories.remove(client, name, signal)),
  )
  return removed.filter(Boolean).length
}

function refOf({ apiVersion, kind, metadata: { name, namespace } }: KubeObject): Named {
  return { apiVersion, kind, name, ...given('namespace', namespace) }
}

function unique(refs: readonly Named[]): readonly Named[] {
  return [...new Map(refs.map((ref) => [JSON.stringify(ref), ref])).values()]
}

async function removeOwn(context: DemoContext, refs: readonly Named[], signal: AbortSignal): Promise<number> {
  return removeAll(await context.client(), await ownOf(context, refs, signal), context, signal)
}

/** Only what bears this demo's label: the rest was there before, or is somebody else's. */
async function ownOf(
  context: DemoContext,
  refs: readonly Named[],
  signal: AbortSignal,
): Promise<readonly Named[]> {
  const client = await context.client()
  const { id } = context.folder.definition
  const found = await Promise.all(refs.map((ref) => client.get(ref, signal)))
  return refs.filter((_, index) => found[index]?.metadata.labels?.[demoLabel] === id)
}

async function removeAll(
  client: ClusterClient,
  refs: readonly Named[],
  { clock, timeoutMs }: DemoContext,
  signal: AbortSignal,
): Promise<number> {
  await Promise.all(refs.map((ref) => client.delete(ref, signal)))
  const options = { timeoutMs, intervalMs, signal, clock }
  await Promise.all(refs.map((ref) => awaitGone(client, ref, options)))
  return refs.length
}

function awaitGone(
  client: ClusterClient,
  ref: Named,
  options: Omit<WaitOptions, 'waitedFor'>,
): Promise<true> {
  const waitedFor = `${ref.kind} ${ref.name} to go`
  return waitUntil(
    async () => {
      const there = await client.get(ref, options.signal)
      return there === undefined ? { done: true, value: true } : { done: false, seen: 'it is being deleted' }
    },
    { ...options, waitedFor },
  )
}
