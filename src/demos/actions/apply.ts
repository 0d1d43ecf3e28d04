/** The action `apply`: objects of the demo's folder, as they are but for labels that say whose they are. */
import type { KubeObject } from '../../domain/cluster.ts'
import { rootLabel } from '../../domain/component.ts'
import type { DemoContext } from '../../domain/demo.ts'
import type { ApplyAction } from '../../domain/demo-definition.ts'
import { given } from '../../domain/given.ts'
import type { ClusterClient } from '../../domain/ports.ts'
import { demoLabel, type Perform } from '../scene.ts'

/** Applies namespaces first and all others at once. */
export const apply: Perform<ApplyAction> = async ({ apply: { files } }, { context, file }, { signal }) => {
  const [client, ...found] = await Promise.all([
    context.client(),
    ...files.map((each) => context.folder.objects(file(each))),
  ])
  const objects = await Promise.all(
    found
      .flat()
      .map(async (object) => ((await isOthers(client, object, signal)) ? object : labelled(object, context))),
  )
  const isNamespace = ({ kind }: KubeObject): boolean => kind === 'Namespace'
  for (const namespace of objects.filter(isNamespace)) await client.apply(namespace, signal)
  const others = objects.filter((object) => !isNamespace(object))
  await Promise.all(others.map((object) => client.apply(object, signal)))
  return {}
}

/** True for what was there before without being a demo's: it is changed as wanted, and `stop` leaves it. */
async function isOthers(client: ClusterClient, object: KubeObject, signal: AbortSignal): Promise<boolean> {
  const { apiVersion, kind, metadata } = object
  const { name, namespace } = metadata
  const ref = { apiVersion, kind, name, ...given('namespace', namespace) }
  const there = await client.get(ref, signal)
  return there !== undefined && there.metadata.labels?.[demoLabel] === undefined
}

/** The object as the demo's own. */
export function labelled(object: KubeObject, { folder, playground }: DemoContext): KubeObject {
  const { metadata } = object
  const own = { [demoLabel]: folder.definition.id, [rootLabel]: playground.root }
  return { ...object, metadata: { ...metadata, labels: { ...metadata.labels, ...own } } }
}
