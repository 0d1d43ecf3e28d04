/** Copies a demo's folder, all of it or nothing. */
import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PlayError } from '../domain/errors.ts'
import { hasCode, systemReason } from '../domain/system-error.ts'
import { description, listFiles } from './demo-files.ts'
import { whatIsWrongWithName } from './demo-name.ts'

/** Paths are absolute. */
export interface DemoCopy {
  /** Folder of the demo. */
  readonly source: string
  /** Where to. */
  readonly directory: string
  /** What a person calls that. */
  readonly shown: string
  /** JSON Schema of descriptions. */
  readonly schema: string
}

/**
 * Copies all files to a folder that is not there or empty, with the mode bits of new files. Answers their paths below
 * it, sorted. Throws DEMO_COPY_REFUSED, and leaves nothing behind then.
 */
export async function copyDemo(copy: DemoCopy): Promise<readonly string[]> {
  const { source, directory, shown } = copy
  const made: string[] = []
  try {
    const wrong = whatIsWrongWithName(basename(directory))
    if (wrong !== undefined) throw new Error(wrong)
    const files = await listFiles(source, '.')
    const first = await emptyFolder(directory)
    if (first !== undefined) made.push(first)
    for (const file of files) await copyFile(copy, file, made)
    return files
  } catch (cause) {
    for (const path of made) await rm(path, { recursive: true, force: true })
    throw PlayError.of('DEMO_COPY_REFUSED', { directory: shown, reason: systemReason(cause) }, { cause })
  }
}

/** Makes the folder; answers the topmost one that had to be made. */
async function emptyFolder(directory: string): Promise<string | undefined> {
  const first = await mkdir(directory, { recursive: true }).catch((error: unknown) => {
    throw hasCode(error, 'EEXIST') ? new Error('it is a file') : error
  })
  if ((await readdir(directory)).length > 0) throw new Error('it has files in it')
  return first
}

/** Notes in `made` what it has made directly below `directory`. Never writes to a file that is there. */
async function copyFile(
  { source, directory, schema }: DemoCopy,
  file: string,
  made: string[],
): Promise<void> {
  const bytes = await readFile(join(source, file))
  const content = file === description ? withSchema(bytes.toString(), schema) : bytes
  const parts = file.split('/')
  const top = join(directory, parts[0] ?? '')
  if (parts.length > 1) {
    const first = await mkdir(join(directory, ...parts.slice(0, -1)), { recursive: true })
    if (first === top) made.push(top)
  }
  const handle = await open(join(directory, file), 'wx')
  if (parts.length === 1) made.push(top)
  try {
    await handle.writeFile(content)
  } finally {
    await handle.close()
  }
}

/** The text with the editor's hint at its schema leading from anywhere to the one that play ships. */
function withSchema(text: string, schema: string): string {
  const hint = /^# yaml-language-server: \$schema=.*/
  return text.replace(hint, () => `# yaml-language-server: $schema=${pathToFileURL(schema).href}`)
}
