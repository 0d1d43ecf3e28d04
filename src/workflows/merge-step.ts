/** The step of `play up` that makes the cluster the current context of the person's kubeconfig. */
import type { ClusterAccess } from '../domain/cluster.ts'
import type { MergedContext, StateStore } from '../domain/ports.ts'
import type { SourceContext } from '../domain/source.ts'
import { defineStep, type Step } from '../engine/step.ts'

/** What is put there is on disk before it is there, and with it what was current: `down` gives that back. */
export function mergeStep(
  { ports, state, folder }: SourceContext,
  states: StateStore,
  access: Step<ClusterAccess>,
): Step<MergedContext> {
  return defineStep<MergedContext>({
    id: 'cluster.kubeconfig',
    title: `Make ${state.cluster} the current context`,
    after: [access],
    async check() {
      const kubeconfigs = await ports.kubeconfigs()
      return (await kubeconfigs.isMerged(`${folder}/kubeconfig`)) ? state.mergedContext : undefined
    },
    async run() {
      const kubeconfigs = await ports.kubeconfigs()
      const { mergedContext: former } = state
      // Only one place is written down: the context must not stay in another.
      if (former !== undefined && former.path !== kubeconfigs.userPath()) await kubeconfigs.remove(former)
      return kubeconfigs.merge(`${folder}/kubeconfig`, (merged) =>
        states.write({ ...state, mergedContext: merged }),
      )
    },
    describe: ({ path }) => path,
  })
}
