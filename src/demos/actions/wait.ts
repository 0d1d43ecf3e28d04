/** The action `wait`: for an application to run what was committed, or for a field of an object. */
import type { WaitAction } from '../../domain/demo-definition.ts'
import type { Perform, Scene } from '../scene.ts'
import type { Scope } from '../../engine/step.ts'
import { awaitApplication } from './wait-application.ts'

type FieldWait = Extract<WaitAction['wait'], { readonly field: string }>

/** Waits as long as the step may take. */
export const wait: Perform<WaitAction> = async ({ wait: wanted }, scene, scope) => {
  if ('application' in wanted) await awaitApplication(wanted, scene, scope)
  else await awaitField(wanted, scene, scope)
  return {}
}

async function awaitField(
  { object, field, equals }: FieldWait,
  { context, text }: Scene,
  { signal, report }: Scope,
): Promise<void> {
  const client = await context.client()
  const { name, ...ref } = object
  const wanted = text(equals)
  const end = new AbortController()
  const until = AbortSignal.any([signal, end.signal])
  report.progress(`${field} of ${object.kind} ${name} is to be ${wanted}`)
  try {
    const found = client.watch({ ...ref, fieldSelector: `metadata.name=${name}` }, until)
    for await (const { type, object: now } of found) {
      const value = type === 'deleted' ? undefined : fieldOf(now, field)
      if (value === wanted) return
      report.progress(`${field} of ${object.kind} ${name} is ${value ?? 'not set'}, to be ${wanted}`)
    }
    signal.throwIfAborted()
  } finally {
    end.abort(new Error('seen'))
  }
}

function fieldOf(object: unknown, path: string): string | undefined {
  let value = object
  for (const name of path.split('.'))
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
  if (value === undefined || value === null) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}
