/** `play kubeconfig`: the way in, for other tools. */
import { PlayError } from '../domain/errors.ts'
import type { Ports } from '../domain/ports.ts'
import { requireState } from './status.ts'

/** What can be asked. */
export type KubeconfigAction = 'print' | 'merge' | 'path'

/** The answer as data and as lines; only `print` holds credentials, which is what it is for. */
export async function kubeconfig(
  name: string,
  action: KubeconfigAction,
  ports: Ports,
): Promise<{ readonly result: unknown; readonly lines: readonly string[] }> {
  const states = await ports.states()
  const state = await requireState(name, states)
  const path = `${states.folder(name)}/kubeconfig`
  const kubeconfigs = await ports.kubeconfigs()
  const access = await kubeconfigs.readOwn(path)
  if (access === undefined)
    throw PlayError.of('PLAYGROUND_NOT_READY', { name, reason: 'it has no kubeconfig yet' })
  switch (action) {
    case 'path':
      return { result: { path, context: access.context }, lines: [path] }
    case 'print': {
      const text = await kubeconfigs.text(path)
      return { result: { path, context: access.context, text }, lines: [text.trimEnd()] }
    }
    case 'merge': {
      const merged = await kubeconfigs.merge(path)
      const former = state.mergedContext?.formerContext ?? merged.formerContext
      await states.write({ ...state, mergedContext: { ...merged, formerContext: former } })
      return { result: merged, lines: [`${merged.context} is the current context of ${merged.path}`] }
    }
  }
}
