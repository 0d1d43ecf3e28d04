/** The DemoFolders port: demos that play ships in assets/demos, and folders of a person's own. */
import { stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { DemoFolder, DemoFolders } from '../domain/demo-definition.ts'
import { PlayError } from '../domain/errors.ts'
import { nearest } from '../domain/names.ts'
import { systemReason } from '../domain/system-error.ts'
import { copyDemo } from './demo-copy.ts'
import { definitionOf, type WrittenDemo } from './demo-description.ts'
import { description, listFiles, readText } from './demo-files.ts'
import { invalidAltogether } from './demo-mistake.ts'
import { whatIsWrongWithName } from './demo-name.ts'

/** Those that play ships, in the order in which they are shown. */
const shipped = ['hello', 'gitops', 'ci']

const schemaFile = 'assets/schemas/demo.schema.json'

/** Demos of the package at `packageRoot`; folders of people are relative to `cwd`. */
export function createDemoFolders({
  packageRoot,
  cwd,
}: {
  readonly packageRoot: string
  readonly cwd: string
}): DemoFolders {
  const shippedFolder = (id: string): string => {
    if (shipped.includes(id)) return join(packageRoot, 'assets/demos', id)
    throw PlayError.of('USAGE_UNKNOWN_DEMO', { name: id, near: nearest(id, shipped), known: shipped })
  }
  return {
    shipped,
    open: async (id) => openShipped(shippedFolder(id), id),
    openOwn: (directory) => openOwn(resolve(cwd, directory), directory, packageRoot),
    copy: async (id, directory) =>
      copyDemo({
        ...{ source: shippedFolder(id), directory: resolve(cwd, directory), shown: directory },
        schema: join(packageRoot, schemaFile),
      }),
  }
}

/** A test has checked these: reading the schema, let alone compiling it, would cost each run its time. */
async function openShipped(root: string, id: string): Promise<DemoFolder> {
  const files = filesOf(root, join('demos', id))
  const { parsePlaced } = await import('./demo-yaml.ts')
  const { value } = parsePlaced(await files.read(description), join('demos', id, description))
  return { definition: definitionOf(value as WrittenDemo, id), ...files }
}

async function openOwn(root: string, shown: string, packageRoot: string): Promise<DemoFolder> {
  const id = basename(root)
  const file = join(shown, description)
  await requireFolder(root, shown)
  const wrong = whatIsWrongWithName(id)
  if (wrong !== undefined) throw invalidAltogether(file, wrong)
  const files = filesOf(root, shown)
  const text = await files.read(description)
  const schema = await readText(packageRoot, schemaFile)
  const { checkedDemo } = await import('./demo-check.ts')
  const definition = await checkedDemo({ text, file, id, root, schema: JSON.parse(schema) as object })
  const { objectFiles } = await import('./demo-file-rules.ts')
  for (const path of objectFiles(definition)) await files.objects(path)
  return { definition, ...files }
}

async function requireFolder(root: string, shown: string): Promise<void> {
  const found = await stat(root).catch((cause: unknown) => {
    throw invalidAltogether(shown, systemReason(cause))
  })
  if (!found.isDirectory())
    throw invalidAltogether(shown, `name the folder that has the ${description}, not a file`)
}

function filesOf(root: string, shown: string): Omit<DemoFolder, 'definition'> {
  const orInvalid = async <Answer>(path: string, answer: Promise<Answer>): Promise<Answer> => {
    try {
      return await answer
    } catch (cause) {
      throw invalidAltogether(join(shown, path), systemReason(cause))
    }
  }
  const read = (path: string): Promise<string> => orInvalid(path, readText(root, path))
  return {
    read,
    files: (path) => orInvalid(path, listFiles(root, path)),
    async objects(path) {
      const [text, { parseObjects }] = await Promise.all([read(path), import('./demo-yaml.ts')])
      return parseObjects(text, join(shown, path))
    },
  }
}
