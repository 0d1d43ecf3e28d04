/** Keeps what happened in each run as a file of NDJSON beside the playground's state. */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { lstat, open, readdir, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { RunEvent } from '../engine/events.ts'
import { makePrivateFolder, refuseUnsafeFolder } from './private-folder.ts'

/** How many runs are kept; the newest ones. */
const keptRuns = 20

/** The log of one run. */
export interface EventLogFile {
  readonly path: string
  /** A Sink: takes an event at once, writes it later. Never throws. */
  sink(event: RunEvent): void
  /** Writes what is left. A failed write is returned, not thrown: a full disk must not fail the run. */
  close(): Promise<Error | undefined>
}

/**
 * Opens `<folder>/events/<run>.ndjson`, 0600, and removes all but the newest 20 logs. `run` is an id that
 * sorts by time, such as a ULID. The file is opened here and kept open: a `down` that removes the folder
 * in the middle of the run does not see it come back. Throws what the file system throws.
 */
export async function openEventLogFile(folder: string, run: string): Promise<EventLogFile> {
  const events = join(folder, 'events')
  await refuseUnsafeFolder(folder)
  // The two of the store: a link among them would have the log written elsewhere.
  for (const above of [dirname(dirname(folder)), dirname(folder)])
    if ((await lstat(above)).isSymbolicLink()) throw new Error(`the folder ${above} is a symbolic link`)
  await makePrivateFolder(events)
  const path = join(events, `${run}.ndjson`)
  const file = await open(path, 'ax', 0o600)
  await removeOldest(events)
  const stream = createWriteStream(path, { fd: file })
  let failure: Error | undefined
  stream.on('error', (error) => {
    failure ??= error
  })
  return {
    path,
    sink: (event) => {
      if (failure === undefined && !stream.writableEnded) stream.write(`${JSON.stringify(event)}\n`)
    },
    close: async () => {
      if (!stream.closed) {
        stream.end()
        // 'close' follows on success and on failure alike.
        await once(stream, 'close').catch(() => undefined)
      }
      return failure
    },
  }
}

async function removeOldest(folder: string): Promise<void> {
  const logs = (await readdir(folder)).filter((name) => name.endsWith('.ndjson')).sort()
  // Another run may remove the same ones.
  for (const name of logs.slice(0, -keptRuns)) await unlink(join(folder, name)).catch(() => undefined)
}
