// Turns recipes into steps of the project's engine: looked up first, made where missing, reported with a time to go.
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { defineStep, type Scope, type Step } from '../src/engine/step.ts'
import type { BlobStore } from './blob-store.ts'
import { BuildError } from './build-error.ts'
import type { BuildFolders } from './build-folders.ts'
import { hasRootfs, rootfsFolder } from './debian-recipes.ts'
import { roughly, standingText, withinBudget, type Share } from './estimate.ts'
import { keyOf, type Output, type Recipe, type Workbench } from './recipe.ts'
import type { RecipeRecord, RecipeRecords } from './recipe-records.ts'

/** What a recipe's step hands on: its record, or that the time budget left it out. */
export type Made = { readonly record: RecipeRecord } | { readonly leftOut: true }

/** Where results are kept. */
export interface Stores {
  readonly folders: BuildFolders
  readonly blobs: BlobStore
  readonly records: RecipeRecords
}

/** What all steps of one build share. */
export interface Workshop extends Stores {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly startedAt: number
  readonly budgetMinutes: number | undefined
  /** Recipes that the core still needs: no budget stops them. */
  readonly core: ReadonlySet<Recipe>
}

const TICK_MS = 15_000

/** The record of a recipe that needs not be made: its blobs are there, or its folder is. */
export async function findMade(
  recipe: Recipe,
  key: string,
  stores: Stores,
): Promise<RecipeRecord | undefined> {
  if (recipe.result === 'blobs') return stores.records.find(key, stores.blobs)
  if (!(await hasRootfs(stores.folders, key))) return undefined
  return { id: recipe.id, key, outputs: [], facts: {}, seconds: 0 }
}

/** Reads every blob of a record in full. @returns the damaged ones, which are removed so that they are made again. */
export async function removeDamaged(
  record: RecipeRecord,
  blobs: BlobStore,
  signal: AbortSignal,
): Promise<Output[]> {
  const damaged: Output[] = []
  for (const output of record.outputs)
    if (!(await blobs.isSound(output, signal))) {
      damaged.push(output)
      await blobs.remove(output.sha256)
    }
  return damaged
}

/** The steps of recipes that are to be made or looked up, in the order given: inputs before what needs them. */
export class RecipeSteps {
  private readonly workshop: Workshop
  private readonly keys = new Map<Recipe, string>()
  private readonly steps = new Map<Recipe, Step<Made>>()
  private readonly finished = new Map<string, number>()
  private readonly shares: readonly Share[]

  /** `missing` are the recipes that will be made; their usual seconds give the time to go. */
  constructor(workshop: Workshop, recipes: readonly Recipe[], missing: ReadonlySet<Recipe>) {
    this.workshop = workshop
    this.shares = recipes.filter((recipe) => missing.has(recipe) && recipe.track === 'main')
    const last = new Map<Recipe['track'], Step<Made>>()
    for (const recipe of recipes) {
      const inputs = missing.has(recipe) ? recipe.inputs : []
      const before = inputs.flatMap((input) => this.steps.get(input) ?? [])
      const previous = missing.has(recipe) ? last.get(recipe.track) : undefined
      const step = this.stepFor(recipe, [...new Set(previous === undefined ? before : [...before, previous])])
      this.steps.set(recipe, step)
      if (missing.has(recipe)) last.set(recipe.track, step)
    }
  }

  /** All steps, in order. */
  all(): Step<Made>[] {
    return [...this.steps.values()]
  }

  /** The step of one recipe. */
  of(recipe: Recipe): Step<Made> {
    const step = this.steps.get(recipe)
    if (step === undefined) throw new Error(`${recipe.id} is no part of this build`)
    return step
  }

  /** The key of every recipe by its id. */
  keysById(): Map<string, string> {
    return new Map([...this.keys].map(([recipe, key]) => [recipe.id, key]))
  }

  private stepFor(recipe: Recipe, after: readonly Step<Made>[]): Step<Made> {
    const key = keyOf(recipe, this.keys)
    return defineStep<Made>({
      id: recipe.id,
      title: recipe.title,
      after,
      check: async () => {
        const record = await findMade(recipe, key, this.workshop)
        return record === undefined ? undefined : { record }
      },
      run: (scope) => this.run(recipe, key, scope),
      describe: (made) =>
        'leftOut' in made ? 'left out: the time budget is used up' : sizeText(made.record),
    })
  }

  private async run(recipe: Recipe, key: string, scope: Scope): Promise<Made> {
    const { workshop } = this
    const inputs = recipe.inputs.flatMap((input) => this.steps.get(input) ?? [])
    const elapsed = (workshop.now() - workshop.startedAt) / 1000
    const lacking = inputs.some((input) => 'leftOut' in scope.use(input))
    if (lacking || (!workshop.core.has(recipe) && !withinBudget(workshop.budgetMinutes, elapsed)))
      return { leftOut: true }
    const started = workshop.now()
    const stopTicking = this.tick(recipe, scope, started)
    const scratch = join(workshop.folders.scratch, recipe.id)
    try {
      await rm(scratch, { recursive: true, force: true })
      await mkdir(scratch, { recursive: true })
      const product = await recipe.make(this.bench(key, scratch, scope))
      const outputs: Output[] = []
      for (const file of product.files) outputs.push(await workshop.blobs.take(file, scope.signal))
      const seconds = Math.round((workshop.now() - started) / 1000)
      const record: RecipeRecord = { id: recipe.id, key, outputs, facts: product.facts ?? {}, seconds }
      if (recipe.result === 'blobs') await workshop.records.write(record)
      this.finished.set(recipe.id, seconds)
      return { record }
    } catch (error) {
      throw scope.signal.aborted ? error : named(recipe, error)
    } finally {
      stopTicking()
      await rm(scratch, { recursive: true, force: true })
    }
  }

  private bench(key: string, scratch: string, scope: Scope): Workbench {
    const { folders, blobs } = this.workshop
    return {
      ...{ signal: scope.signal, folders, key, scratch },
      input: (recipe, output) => {
        const made = scope.use(this.of(recipe))
        if ('leftOut' in made) throw new Error(`${recipe.id} was left out`)
        if (recipe.result === 'folder') return rootfsFolder(folders, made.record.key)
        const found = made.record.outputs.find((one) => output === undefined || one.name === output)
        if (found === undefined) throw new Error(`${recipe.id} has no output ${output ?? ''}`)
        return blobs.pathOf(found.sha256)
      },
      say: (text) => {
        scope.report.progress(text)
      },
    }
  }

  private tick(recipe: Recipe, scope: Scope, started: number): () => void {
    const { workshop } = this
    const say = (): void => {
      const now = workshop.now()
      const currentSeconds = (now - started) / 1000
      if (recipe.track !== 'main') scope.report.progress(`${roughly(currentSeconds)} so far`)
      else {
        const standing = { shares: this.shares, finished: this.finished, current: recipe.id, currentSeconds }
        scope.report.progress(standingText(standing, (now - workshop.startedAt) / 1000))
      }
    }
    if (recipe.track === 'main') say()
    const timer = setInterval(say, TICK_MS)
    return () => {
      clearInterval(timer)
    }
  }
}

function sizeText(record: RecipeRecord): string {
  const bytes = record.outputs.reduce((sum, output) => sum + output.size, 0)
  return bytes < 1e5 ? '' : `${(bytes / 1e6).toFixed(1)} MB`
}

// The engine names the step, but an error that is shown alone must name the program too.
function named(recipe: Recipe, error: unknown): BuildError {
  const next = ['Run it again: what is finished is kept.']
  if (error instanceof BuildError)
    return new BuildError(
      `${recipe.title}: ${error.message}`,
      error.next.length > 0 ? error.next : next,
      error.details,
      error,
    )
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return new BuildError(`${recipe.title} failed`, next, text.split('\n'), error)
}
