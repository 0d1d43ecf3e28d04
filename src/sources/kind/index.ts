/** kind: clusters in containers on this machine. */
import { clusterName } from '../../domain/playground.ts'
import type { Source } from '../../domain/source.ts'
import { kindDestroySteps, kindQueries } from './destroy.ts'
import { judge } from './ownership.ts'
import { kindSteps } from './steps.ts'

export const kindSource: Source = {
  id: 'kind',
  title: 'kind: a cluster in containers on this machine',
  createSteps: kindSteps,
  destroySteps: kindDestroySteps,
  queries: kindQueries,
  async observe({ ports, state, folder }, signal) {
    const engine = await ports.engine(signal)
    return judge(await engine.clusterContainers(clusterName(state.spec.name), signal), folder).is
  },
}
