// Takes files out of Go modules, each checked against its pin, and turns manifests from YAML into JSON.
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { BuildError } from './build-error.ts'
import { moduleFolder } from './go-recipes.ts'
import { sha256OfFile } from './image-archive.ts'
import type { PinnedFiles } from './pins.ts'
import type { Json, Recipe, Workbench } from './recipe.ts'

/** A Kubernetes object as a manifest holds it. */
export interface ManifestObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown }
  readonly [field: string]: unknown
}

/** One manifest of the bundle. */
export interface ManifestPlan {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly files: PinnedFiles
  /** Changes that make the files applicable, e.g. a fixed version for an image tagged `latest`. */
  readonly adapt: (objects: readonly ManifestObject[]) => readonly ManifestObject[]
}

const pinsAsJson = (files: PinnedFiles): Json => ({
  module: files.module,
  files: files.files.map((file) => ({ path: file.path, sha256: file.sha256 })),
})

/** Paths of pinned files in the module cache. @throws BuildError for one whose content is not the pinned one. */
async function checkedFiles(files: PinnedFiles, bench: Workbench): Promise<string[]> {
  const folder = await moduleFolder(files.module, bench.folders, bench.signal)
  const paths: string[] = []
  for (const file of files.files) {
    const path = join(folder, file.path)
    const found = await sha256OfFile(path, bench.signal)
    if (found !== file.sha256)
      throw new BuildError(`${file.path} of ${files.module} is not the pinned file`, [
        `Expected sha256 ${file.sha256}, found ${found}: look at what changed before pinning it in offline/pins.ts.`,
      ])
    paths.push(path)
  }
  return paths
}

/** The recipe that hands on files as they are, named by their base names. */
export function moduleFilesRecipe(name: string, files: PinnedFiles): Recipe {
  return {
    id: `files.${name}`,
    title: `Take the files of ${name}`,
    inputs: [],
    ingredients: pinsAsJson(files),
    usualSeconds: 3,
    track: 'beside',
    diskGigabytes: 0.1,
    result: 'blobs',
    make: async (bench) => {
      const made = []
      for (const path of await checkedFiles(files, bench)) {
        // The module cache is read-only and goes away; the blob must not share a file with it.
        const copy = join(bench.scratch, basename(path))
        await copyFile(path, copy)
        made.push({ name: basename(path), file: copy, executable: false })
      }
      return { files: made }
    },
  }
}

const isObject = (value: unknown): value is ManifestObject => {
  const object = value as Partial<ManifestObject> | null
  return (
    typeof object?.apiVersion === 'string' &&
    typeof object.kind === 'string' &&
    typeof object.metadata === 'object'
  )
}

/** All objects of YAML texts, in order. @throws BuildError for a document that is no Kubernetes object. */
export function objectsOf(texts: readonly string[]): ManifestObject[] {
  return texts.flatMap((text) =>
    parseAllDocuments(text).flatMap((document) => {
      const [problem] = document.errors
      if (problem !== undefined) throw new BuildError(`a manifest is not YAML: ${problem.message}`)
      const value: unknown = document.toJS()
      if (value === null || value === undefined) return []
      if (!isObject(value)) throw new BuildError('a manifest holds a document that is no Kubernetes object')
      return [value]
    }),
  )
}

/** The recipe of one manifest: a JSON array of objects, without the time that parsing YAML costs at run time. */
export function manifestRecipe(plan: ManifestPlan, codeDigest: string): Recipe {
  return {
    id: `manifest.${plan.name}`,
    title: `Write the ${plan.name} manifest`,
    inputs: [],
    ingredients: { pins: pinsAsJson(plan.files), code: codeDigest },
    usualSeconds: 5,
    track: 'beside',
    diskGigabytes: 0.1,
    result: 'blobs',
    make: async (bench) => {
      const texts: string[] = []
      for (const path of await checkedFiles(plan.files, bench)) texts.push(await readFile(path, 'utf8'))
      const objects = plan.adapt(objectsOf(texts))
      const file = join(bench.scratch, `${plan.name}.json`)
      await writeFile(file, JSON.stringify(objects))
      return { files: [{ name: plan.name, file, executable: false }], facts: { objects: objects.length } }
    },
  }
}
