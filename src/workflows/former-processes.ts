/** The first step of whatever changes a playground: nothing of a run that no longer exists goes on behind its back. */
import type { Ports } from '../domain/ports.ts'
import type { RunningProcess } from '../domain/running-process.ts'
import { defineStep, type Step } from '../engine/step.ts'
import { TimeoutError } from '../engine/wait.ts'

/** How far it goes. */
export interface FormerProcesses {
  /** Ends port-forwards that a person opened as well: for whoever removes the playground. */
  readonly forwards?: boolean
  readonly after?: readonly Step<unknown>[]
}

/** What ended. */
export interface EndedProcesses {
  readonly ended: readonly RunningProcess[]
}

/** An engine that is interrupted has kind stop and remove what it was making. */
const graceMs = 30_000
/** A process that was found late may have started another. */
const rounds = 5

/**
 * Ends the engines, plug-ins, kind and their clients that still work for the playground in `folder`. Only the holder of
 * its lock may, so they are of a run that no longer exists. Throws when the process table cannot be read, when one
 * cannot be ended, or when new ones appear without end.
 */
export function endFormerStep(
  ports: Ports,
  folder: string,
  options: FormerProcesses = {},
): Step<EndedProcesses> {
  const { forwards = false, after } = options
  const find = async (): Promise<readonly RunningProcess[]> => {
    const table = await ports.processTable()
    return (await table.find(folder)).filter((each) => forwards || each.forwards !== true)
  }
  return defineStep<EndedProcesses>({
    id: 'processes.end',
    title: 'End what an interrupted run left running',
    ...(after === undefined ? {} : { after }),
    check: async () => ((await find()).length === 0 ? { ended: [] } : undefined),
    async run({ report, signal }) {
      const table = await ports.processTable()
      const ended: RunningProcess[] = []
      for (let round = 0; round < rounds; round += 1) {
        const left = await find()
        if (left.length === 0) return { ended }
        report.progress(left.map(({ command }) => command).join(', '))
        await table.end(left, { graceMs, signal })
        ended.push(...left)
      }
      const last = ended.at(-1)?.command
      throw new TimeoutError('what an interrupted run left running to end', rounds * graceMs, last)
    },
    describe: ({ ended }) =>
      ended.length === 0 ? 'nothing runs' : `ended ${ended.map(({ command }) => command).join(', ')}`,
  })
}
