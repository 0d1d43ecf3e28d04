/** A file for a report that is only known when everything is over. */
import { open, writeFile } from 'node:fs/promises'
import { PlayError } from '../domain/errors.ts'
import { systemReason } from '../domain/system-error.ts'

/** Makes the file at once, so that nothing has run in vain; answers how to write it. Throws REPORT_UNWRITABLE. */
export async function openReportFile(path: string): Promise<(text: string) => Promise<void>> {
  try {
    await (await open(path, 'a')).close()
  } catch (cause) {
    throw unwritable(path, cause)
  }
  return async (text) => {
    try {
      await writeFile(path, text)
    } catch (cause) {
      throw unwritable(path, cause)
    }
  }
}

function unwritable(file: string, cause: unknown): PlayError {
  return PlayError.of('REPORT_UNWRITABLE', { file, reason: systemReason(cause) }, { cause })
}
