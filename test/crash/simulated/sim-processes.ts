/** The process table of the simulated machine. */
import type { ProcessTable, RunningProcess } from '../../../src/domain/running-process.ts'
import type { SimMachine, SimProcess } from './sim-machine.ts'

/** How often the end is looked for, milliseconds. */
const lookMs = 100

/** The ProcessTable port. An engine ends in order on SIGINT, all else only by SIGKILL. */
export function simProcessTable(machine: SimMachine): ProcessTable {
  const same = ({ pid, startTime }: RunningProcess): SimProcess | undefined => {
    const found = machine.processes.get(pid)
    return found?.startTime === startTime ? found : undefined
  }
  return {
    find: (folder) =>
      Promise.resolve(
        [...machine.processes.values()]
          .filter((each) => folder === undefined || each.folder === folder)
          .map(({ pid, startTime, startedAt, command, folder: of }) => ({
            pid,
            startTime,
            startedAt,
            command,
            folder: of,
          })),
      ),
    async end(processes, { graceMs, signal }) {
      const left = (): SimProcess[] => processes.flatMap((each) => same(each) ?? [])
      for (const { command, interrupt } of left()) if (command.startsWith('pulumi ')) interrupt()
      for (let waited = 0; waited < graceMs && left().length > 0; waited += lookMs)
        await machine.clock.sleep(lookMs, signal)
      for (const { kill } of left()) kill()
      while (left().length > 0) await machine.clock.sleep(lookMs, signal)
    },
    announce: () => Promise.resolve({ end: () => Promise.resolve() }),
  }
}
