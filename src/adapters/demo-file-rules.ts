/** What a demo's description must fulfil with regard to the files beside it. */
import type { DemoDefinition, DemoFile, DemoStep, PushAction } from '../domain/demo-definition.ts'
import { referencesOf } from '../domain/demo-references.ts'
import { systemReason } from '../domain/system-error.ts'
import { listFiles, readText } from './demo-files.ts'
import type { Mistake, Path } from './demo-mistake.ts'

/** Which of the files that the steps name cannot be used, of the demo in the folder `root`. */
export async function mistakesOfFiles({ steps }: DemoDefinition, root: string): Promise<readonly Mistake[]> {
  const found = await Promise.all(steps.map((step, index) => mistakesOfStep(step, ['steps', index], root)))
  return found.flat()
}

/** Files of objects that the steps name, each once. */
export function objectFiles({ steps }: DemoDefinition): readonly string[] {
  const files = steps.flatMap((step) => {
    if ('apply' in step) return step.apply.files
    return 'workflow' in step ? [step.workflow.file] : []
  })
  return [...new Set(files.flatMap((file) => (typeof file === 'string' ? [file] : Object.values(file))))]
}

async function mistakesOfStep(step: DemoStep, path: Path, root: string): Promise<readonly Mistake[]> {
  if ('push' in step) return mistakesOfPush(step.push, [...path, 'push'], root)
  if ('workflow' in step) return unreadable(step.workflow.file, [...path, 'workflow', 'file'], root)
  if (!('apply' in step)) return []
  const { files } = step.apply
  const found = files.map((file, index) => unreadable(file, [...path, 'apply', 'files', index], root))
  return (await Promise.all(found)).flat()
}

async function unreadable(file: DemoFile, path: Path, root: string): Promise<readonly Mistake[]> {
  if (typeof file !== 'string') {
    const all = Object.entries(file).map(([product, one]) => unreadable(one, [...path, product], root))
    return (await Promise.all(all)).flat()
  }
  if (holdsReference(file)) return []
  try {
    await readText(root, file)
    return []
  } catch (error) {
    return [{ path, at: 'value', reason: `${file}: ${systemReason(error)}` }]
  }
}

async function mistakesOfPush(
  { folder, overlay, replace = [] }: PushAction['push'],
  path: Path,
  root: string,
): Promise<readonly Mistake[]> {
  if (holdsReference(folder)) return []
  const committed = await textsBelow(root, folder)
  if (typeof committed === 'string') return [{ path: [...path, 'folder'], at: 'value', reason: committed }]
  if (committed.size === 0)
    return [{ path: [...path, 'folder'], at: 'value', reason: `${folder} is no folder with files in it` }]
  if (overlay === undefined) return mistakesOfReplace(replace, [...path, 'replace'], committed)
  // It may bring the text that is replaced, and which folder it is may depend on an option.
  const laid = referencesOf(overlay).length > 0 ? '' : await textsBelow(root, overlay)
  return typeof laid === 'string' && laid !== ''
    ? [{ path: [...path, 'overlay'], at: 'value', reason: laid }]
    : []
}

function mistakesOfReplace(
  replace: NonNullable<PushAction['push']['replace']>,
  path: Path,
  texts: ReadonlyMap<string, string>,
): readonly Mistake[] {
  return replace.flatMap(({ file, from }, index): Mistake[] => {
    const text = texts.get(file)
    if (text === undefined)
      return [
        {
          path: [...path, index, 'file'],
          at: 'value',
          reason: `${file} is not in the folder that is pushed`,
        },
      ]
    if (text.includes(from)) return []
    return [
      {
        path: [...path, index, 'from'],
        at: 'value',
        reason: `${file} has no "${from}" that could be replaced`,
      },
    ]
  })
}

/** True for a path that takes none, which the rules tell, or that is known only when the demo runs. */
function holdsReference(path: string): boolean {
  return referencesOf(path).length > 0
}

/** Texts of all files below a folder, or why one of them cannot be used. */
async function textsBelow(root: string, folder: string): Promise<ReadonlyMap<string, string> | string> {
  const texts = new Map<string, string>()
  let current = folder
  try {
    for (const file of await listFiles(root, folder)) {
      current = `${folder}/${file}`
      texts.set(file, await readText(root, current))
    }
    return texts
  } catch (error) {
    return `${current}: ${systemReason(error)}`
  }
}
