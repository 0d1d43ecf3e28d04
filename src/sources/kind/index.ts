/** kind: clusters in containers on this machine. */
import { clusterName } from '../../domain/playground.ts'
import type { Source } from '../../domain/source.ts'
import { kindDestroySteps } from './destroy.ts'
import { kindOrphans, removeKindOrphan } from './orphans.ts'
import { judge } from './ownership.ts'
import { kindQueries } from './queries.ts'
import { recordedEngine } from './recorded-engine.ts'
import { kindSweep } from './remove.ts'
import { kindSteps } from './steps.ts'

export const kindSource: Source = {
  id: 'kind',
  title: 'kind: a cluster in containers on this machine',
  createSteps: kindSteps,
  destroySteps: kindDestroySteps,
  queries: kindQueries,
  async observe(context, signal) {
    const engine = await recordedEngine(context, signal)
    const { state, folder } = context
    return judge(await engine.clusterContainers(clusterName(state.spec.name), signal), folder).is
  },
  sweep: kindSweep,
  orphans: kindOrphans,
  removeOrphan: removeKindOrphan,
}
