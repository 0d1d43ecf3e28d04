/** Folders of demos for tests: written to a temporary folder, opened as a person's own. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { createDemoFolders } from '../../../src/adapters/demo-folders.ts'
import type { DemoFolders } from '../../../src/domain/demo-definition.ts'
import { PlayError } from '../../../src/domain/errors.ts'

/** The root of the repository, which is that of the package as well. */
export const packageRoot = join(import.meta.dirname, '../../..')

/** A pipeline, as far as demos look at it. */
export const workflow = 'apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata:\n  generateName: a-\n'

/** A temporary folder with these files, and demos relative to it. */
export async function demoWorld(
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<{ readonly cwd: string; readonly demos: DemoFolders }> {
  const cwd = await mkdtemp(join(tmpdir(), 'play-demos-'))
  onTestFinished(() => rm(cwd, { recursive: true, force: true }))
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(cwd, path)), { recursive: true })
    await writeFile(join(cwd, path), content)
  }
  return { cwd, demos: createDemoFolders({ packageRoot, cwd }) }
}

/** The error with which it ends. */
export async function errorOf(doing: Promise<unknown>): Promise<PlayError> {
  const error = await doing.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  )
  if (error instanceof PlayError) return error
  throw error
}

/** A description with these steps. */
export const steps = (...lines: string[]): string =>
  `title: T\nsteps:\n${lines.map((line) => `  ${line}\n`).join('')}`

/** One with these lines before a step that runs a pipeline. */
export const head = (...lines: string[]): string =>
  `${lines.join('\n')}\nsteps: [{title: R, workflow: {file: run.yaml}}]\n`

/** What is wrong, the text of demo.yaml, the place, and the message after it. */
export type MistakeCase = readonly [what: string, text: string, place: string, reason: string | RegExp]

/** Opens the folder `mine`, which has this description and a few files, and expects the mistake at its place. */
export async function expectMistake([, text, place, reason]: MistakeCase): Promise<void> {
  const { demos } = await demoWorld({ ...files, 'mine/demo.yaml': text })
  const error = await errorOf(demos.openOwn('./mine'))
  expect(error.id).toBe('DEMO_INVALID')
  const [, at, words] = /^mine\/demo\.yaml:(\d+:\d+): (.*)$/s.exec(error.message) ?? []
  expect({ at, words }).toEqual({
    at: place,
    words: reason instanceof RegExp ? (expect.stringMatching(reason) as unknown) : reason,
  })
}

const files = {
  'mine/run.yaml': workflow,
  'mine/src/a.txt': 'hello',
  'mine/two.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n',
}
