/** Wires the process table; a part of the composition root. */
import type { ProcessRunner, StateStore } from '../domain/ports.ts'
import type { ProcessTable } from '../domain/running-process.ts'

/** What the table needs of the rest. */
export interface ProcessTableWiring {
  readonly processes: () => Promise<ProcessRunner>
  readonly states: () => Promise<StateStore>
  readonly version: string
  /** Id of this run. */
  readonly epoch: string
}

/** Loads the table and what it reads and writes segments with. */
export async function wireProcessTable(wiring: ProcessTableWiring): Promise<ProcessTable> {
  const [{ createProcessTable }, { identify }, { systemClock: clock }, processes] = await Promise.all([
    import('../adapters/process-table.ts'),
    import('../adapters/process-identity.ts'),
    import('../adapters/system-clock.ts'),
    wiring.processes(),
  ])
  const { version, epoch } = wiring
  return createProcessTable({
    clock,
    processes,
    async folders() {
      const states = await wiring.states()
      return (await states.list()).map((name) => states.folder(name))
    },
    readSegments: async (folder) => (await import('../journal/segment.ts')).readSegments(folder),
    async openSegment(path, purpose) {
      const { openSegment } = await import('../journal/segment.ts')
      const stamp = { epoch, tool: `play ${version}`, now: () => clock.now() }
      const identifyHere = (pid: number) => identify(pid, processes)
      return openSegment(path, { ...stamp, identify: identifyHere, pid: process.pid, purpose })
    },
  })
}
