/** Deletes applications of Argo CD and has it look at those again that it forgets. */
import { PlayError } from '../../domain/errors.ts'
import type { GitOps } from '../../domain/slots.ts'
import { waitUntil, type Probe } from '../../engine/wait.ts'

const apiVersion = 'argoproj.io/v1alpha1'
const kind = 'Application'

/** Seen with 3.5.1, one time in four: an application deleted in the second after a sync waits until something else changes it. */
const againMs = 2000

/** As GitOps.remove promises; `gitOps` looks after applications of this namespace. */
export async function removeApplications(
  namespace: string,
  gitOps: Pick<GitOps, 'refresh'>,
  [client, names, options]: Parameters<GitOps['remove']>,
): Promise<void> {
  const { clock, signal } = options
  const refs = names.map((name) => ({ apiVersion, kind, namespace, name }))
  await Promise.all(refs.map((ref) => client.delete(ref, signal)))
  let asked = clock.now()
  const look = async (): Promise<Probe<undefined>> => {
    const found = await Promise.all(refs.map((ref) => client.get(ref, signal)))
    const left = names.filter((_, index) => found[index] !== undefined)
    if (left.length === 0) return { done: true, value: undefined }
    if (clock.now() - asked >= againMs) {
      asked = clock.now()
      await gitOps.refresh(client, left, signal).catch(ignoreGone)
    }
    return { done: false, seen: 'it is being deleted' }
  }
  await waitUntil(look, { ...options, waitedFor: `${names.join(', ')} to go`, intervalMs: 250 })
}

/** The API's answer for one that went meanwhile. */
function ignoreGone(error: unknown): void {
  if (!(error instanceof PlayError) || error.id !== 'API_REJECTED') throw error
}
