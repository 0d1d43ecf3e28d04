/** What the proofs of `down` share: a quick world, and what truly is in it. */
import { PlayError } from '../../../src/domain/errors.ts'
import { FakeWorld } from '../../fakes/fake-ports.ts'

/** Folder of the playground dev. */
export const devFolder = '/states/playgrounds/dev'

/** Its clock jumps from one sleep to the next, as nothing of `down` waits for anything else. */
export function quickWorld(): FakeWorld {
  const made = new FakeWorld()
  made.run = (work) => made.clock.run(work)
  return made
}

/** The catalogued error that the work ends with; undefined when it ends well. */
export function failure(work: Promise<unknown>): Promise<PlayError | undefined> {
  return work.then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof PlayError) return error
      throw error
    },
  )
}

/** What truly is there of any playground. */
export function truth(of: FakeWorld): readonly string[] {
  const { containers, volumes, networks } = of.engine
  return [
    ...[...containers.values()].map(({ name }) => name),
    ...volumes,
    ...networks,
    ...of.kubeconfigs.contexts.keys(),
    ...of.states.states.keys(),
    ...of.processTable.running.map(({ command }) => command),
  ]
}
