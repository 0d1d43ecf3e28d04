// Measures how much of the disk earlier builds have filled.
import { runCommand } from './run-command.ts'

/** Gigabytes that folders take on the disk; a missing folder takes none. Reads every directory below them. */
export async function cachedGigabytes(folders: readonly string[], signal: AbortSignal): Promise<number> {
  let kilobytes = 0
  for (const folder of folders) {
    // du fails where a file vanishes meanwhile, but has printed its sum.
    const [line = ''] = await runCommand('du', ['--summarize', '--block-size=1K', folder], { signal }).catch(
      () => [],
    )
    kilobytes += Number.parseInt(line, 10) || 0
  }
  signal.throwIfAborted()
  return (kilobytes * 1024) / 1e9
}
