// A recipe: one thing to make, everything that decides how it turns out, and the key that follows from both.
import { createHash } from 'node:crypto'
import type { BuildFolders } from './build-folders.ts'

/** A value that JSON can carry; what a recipe is made of. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/** A file that a recipe made, as it lies among the blobs. */
export interface Output {
  readonly name: string
  /** Lower-case hex. */
  readonly sha256: string
  /** Bytes. */
  readonly size: number
  readonly executable: boolean
}

/** A file that a recipe has just made, before it becomes a blob. */
export interface MadeFile {
  readonly name: string
  readonly file: string
  readonly executable: boolean
}

/** What a recipe hands on: files for the blobs, and facts for the index. A folder recipe has no files. */
export interface Product {
  readonly files: readonly MadeFile[]
  readonly facts?: { readonly [name: string]: Json }
}

/** What a recipe works with. */
export interface Workbench {
  readonly signal: AbortSignal
  readonly folders: BuildFolders
  /** This recipe's key. */
  readonly key: string
  /** An empty folder, removed afterwards. */
  readonly scratch: string
  /** Path of an output of one of the inputs. */
  readonly input: (recipe: Recipe, output?: string) => string
  /** One line of progress, replaced by the next. */
  readonly say: (text: string) => void
}

/** One thing to make. */
export interface Recipe {
  /** Stable and dotted: go.kubelet, debian.node. */
  readonly id: string
  readonly title: string
  readonly inputs: readonly Recipe[]
  /** Everything besides the inputs that decides the result: versions, flags, lists, digests of code. */
  readonly ingredients: Json
  /** Seconds of a cold run on two cores; only shares matter. */
  readonly usualSeconds: number
  /** A compiler or disk-bound step waits for the one before it; the others run beside them. */
  readonly track: 'main' | 'beside'
  /** Gigabytes that must be free while a cold run goes on. */
  readonly diskGigabytes: number
  /** Blobs stay for ever; a folder is work in progress and goes when the bundle is done. */
  readonly result: 'blobs' | 'folder'
  readonly make: (bench: Workbench) => Promise<Product>
}

/** Raised when the format of records or blobs changes, so that older ones are made anew. */
const KIT_FORMAT = 1

/** Hex sha256 over the recipe's id and ingredients and the keys of its inputs. Equal keys mean equal results. */
export function keyOf(recipe: Recipe, known: Map<Recipe, string> = new Map()): string {
  const found = known.get(recipe)
  if (found !== undefined) return found
  const inputs = recipe.inputs.map((input) => keyOf(input, known))
  const text = JSON.stringify({
    kit: KIT_FORMAT,
    id: recipe.id,
    ingredients: sorted(recipe.ingredients),
    inputs,
  })
  const key = createHash('sha256').update(text).digest('hex')
  known.set(recipe, key)
  return key
}

// The order in which someone wrote the fields must not decide the key.
function sorted(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const fields = value as { readonly [name: string]: Json }
  return Object.fromEntries(
    Object.keys(fields)
      .sort()
      .map((name) => [name, sorted(fields[name] ?? null)]),
  )
}

/**
 * The recipes that a target stands on, each once, inputs before what needs them. An input of a recipe for which
 * `isMade` holds is left out: what was made from it is there already.
 */
export function demanded(targets: readonly Recipe[], isMade: (recipe: Recipe) => boolean): Recipe[] {
  const found = new Set<Recipe>()
  const visit = (recipe: Recipe): void => {
    if (found.has(recipe)) return
    if (!isMade(recipe)) recipe.inputs.forEach(visit)
    found.add(recipe)
  }
  targets.forEach(visit)
  return [...found]
}
