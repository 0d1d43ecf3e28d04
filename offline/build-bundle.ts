// Builds a bundle from beginning to end: what is there, what is missing, the plan that makes it, and the tidying up.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../src/adapters/system-clock.ts'
import { loadPins } from '../src/artifacts/pins.ts'
import type { Emit, ErrorData } from '../src/engine/events.ts'
import { noLedger } from '../src/engine/ledger.ts'
import { createPlan } from '../src/engine/plan.ts'
import { runPlan } from '../src/engine/run-plan.ts'
import { defineStep, type Scope, type Step } from '../src/engine/step.ts'
import { archiveListings } from './archive-recipes.ts'
import { BlobStore } from './blob-store.ts'
import { BuildError } from './build-error.ts'
import type { BuildFolders } from './build-folders.ts'
import type { BuildOptions } from './build-options.ts'
import { entriesOf, isBundleCurrent, writeBundle } from './bundle-folder.ts'
import { cachedGigabytes } from './cached-disk.ts'
import { manifestFileListings } from './manifest-files.ts'
import { checkDisk, checkGo, checkHost } from './host-checks.ts'
import { demanded, keyOf, type Recipe } from './recipe.ts'
import { RecipeRecords } from './recipe-records.ts'
import {
  findMade,
  RecipeSteps,
  removeDamaged,
  type Made,
  type Stores,
  type Workshop,
} from './recipe-steps.ts'
import { createListings, listingsOf, type Listing } from './recipes.ts'

/** What a build came to; also what `--json` prints. */
export interface BuildSummary {
  readonly profile: string
  /** False when the time budget left something out. */
  readonly complete: boolean
  /** Names of the entries that were left out. */
  readonly missing: readonly string[]
  readonly seconds: number
  /** Folder of the bundle. */
  readonly path: string
  /** Ids of the recipes that were made in this run. */
  readonly made: readonly string[]
}

/** What a build needs from outside. */
export interface BuildInputs {
  readonly options: BuildOptions
  readonly folders: BuildFolders
  /** Folder of the kit's code. */
  readonly kit: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  readonly emit: Emit
}

/** Any error as data for the events. */
export function toErrorData(error: unknown): ErrorData {
  const base = { id: 'BUNDLE_BUILD_FAILED', exitCode: 1 }
  if (error instanceof BuildError)
    return { ...base, message: error.message, suggestions: error.next, details: error.details }
  const details = error instanceof Error ? (error.stack ?? '').split('\n') : []
  return {
    ...base,
    message: error instanceof Error ? error.message : String(error),
    suggestions: [],
    details,
  }
}

async function chooseListings(inputs: BuildInputs): Promise<Listing[]> {
  const { options, kit, signal } = inputs
  const listings = listingsOf(await createListings(kit, await checkGo(signal)), options.profile)
  if (options.images === undefined) return listings
  const archives = await archiveListings(
    options.images,
    listings.map((listing) => listing.name),
  )
  const { manifests } = await loadPins(join(kit, '..', 'assets', 'versions.json'))
  const names = archives.map(({ name }) => name)
  return [...listings, ...archives, ...(await manifestFileListings(options.images, manifests, names, signal))]
}

/** Looks up what is made already; with `verify` every byte of it is read. */
async function findAll(
  recipes: readonly Recipe[],
  stores: Stores,
  inputs: BuildInputs,
): Promise<Set<Recipe>> {
  const keys = new Map<Recipe, string>()
  const made = new Set<Recipe>()
  const seen = new Set<Recipe>()
  const visit = async (recipe: Recipe): Promise<void> => {
    if (seen.has(recipe)) return
    seen.add(recipe)
    const record = await findMade(recipe, keyOf(recipe, keys), stores)
    const damaged =
      record !== undefined && inputs.options.verify
        ? await removeDamaged(record, stores.blobs, inputs.signal)
        : []
    for (const output of damaged)
      inputs.emit({
        type: 'warning',
        id: 'BLOB_DAMAGED',
        text: `${output.name} was damaged and is made again (${recipe.id})`,
      })
    if (record !== undefined && damaged.length === 0) made.add(recipe)
    else for (const input of recipe.inputs) await visit(input)
  }
  for (const recipe of recipes) await visit(recipe)
  return made
}

function bundleStep(
  listings: readonly Listing[],
  steps: RecipeSteps,
  workshop: Workshop,
  inputs: BuildInputs,
): Step<readonly string[]> {
  const { profile } = inputs.options
  const folder = join(inputs.folders.bundles, profile)
  const gather = (scope: Scope) => {
    const made = listings.map((listing): [Listing, Made] => [listing, scope.use(steps.of(listing.recipe))])
    const entries = made.flatMap(([listing, one]) => ('record' in one ? entriesOf(listing, one.record) : []))
    const leftOut = made.flatMap(([listing, one]) => ('record' in one ? [] : [listing.name]))
    return { content: { profile, entries }, leftOut }
  }
  return defineStep<readonly string[]>({
    id: 'bundle.write',
    title: `Write the ${profile} bundle`,
    after: listings.map((listing) => steps.of(listing.recipe)),
    check: async (scope) => {
      const { content, leftOut } = gather(scope)
      return (await isBundleCurrent(folder, content, workshop.blobs)) ? leftOut : undefined
    },
    run: async (scope) => {
      const { content, leftOut } = gather(scope)
      await writeBundle(folder, content, workshop.blobs, new Date(workshop.now()))
      await workshop.records.pruneImages(steps.keysById(), workshop.blobs)
      return leftOut
    },
    describe: () => folder,
  })
}

const recipesOf = (listings: readonly Listing[]): Recipe[] => listings.map((listing) => listing.recipe)

function planFor(
  listings: readonly Listing[],
  made: ReadonlySet<Recipe>,
  workshop: Workshop,
  inputs: BuildInputs,
) {
  const recipes = demanded(recipesOf(listings), (recipe) => made.has(recipe))
  const missing = new Set(recipes.filter((recipe) => !made.has(recipe)))
  const steps = new RecipeSteps(workshop, recipes, missing)
  const bundle = bundleStep(listings, steps, workshop, inputs)
  const plan = createPlan([
    { name: 'make', steps: steps.all() },
    { name: 'bundle', steps: [bundle] },
  ])
  return { plan, bundle, missing, steps }
}

// Of the space that the missing recipes need, what earlier runs have filled already is not needed again.
async function makeRoom(missing: ReadonlySet<Recipe>, inputs: BuildInputs): Promise<void> {
  const { folders, signal } = inputs
  await rm(folders.scratch, { recursive: true, force: true })
  if (missing.size === 0) return
  await checkDisk(folders, [...missing], 0).catch(async () => {
    await checkDisk(
      folders,
      [...missing],
      await cachedGigabytes([folders.goCache, folders.goModules], signal),
    )
  })
}

/**
 * Makes the bundle complete, as far as its time budget allows. Takes seconds when everything is there.
 * @throws BuildError for what a person can mend; the signal's reason when aborted.
 */
export async function buildBundle(inputs: BuildInputs): Promise<BuildSummary> {
  const { options, folders, signal, emit } = inputs
  await checkHost(inputs.env, signal)
  const listings = await chooseListings(inputs)
  const stores = { blobs: new BlobStore(folders.blobs), records: new RecipeRecords(folders.recipes) }
  const made = await findAll(recipesOf(listings), { folders, ...stores }, inputs)
  const core = demanded(recipesOf(listings.filter((listing) => listing.core)), (recipe) => made.has(recipe))
  const workshop: Workshop = {
    ...{ folders, ...stores, core: new Set(core) },
    ...{ now: Date.now, startedAt: Date.now(), budgetMinutes: options.budgetMinutes },
  }
  const { plan, bundle, missing, steps } = planFor(listings, made, workshop, inputs)
  await makeRoom(missing, inputs)
  const outcome = await runPlan(plan, { emit, clock: systemClock, ledger: noLedger, signal, toErrorData })
  if (outcome.kind === 'cancelled') throw signal.reason
  if (outcome.kind === 'failed') throw outcome.error
  const leftOut = outcome.output(bundle) ?? []
  if (leftOut.length === 0 && !options.keepBuildCaches)
    await rm(folders.build, { recursive: true, force: true })
  const wasMade = (recipe: Recipe): boolean => 'record' in (outcome.output(steps.of(recipe)) ?? {})
  return {
    ...{ profile: options.profile, complete: leftOut.length === 0, missing: leftOut },
    seconds: Math.round((workshop.now() - workshop.startedAt) / 100) / 10,
    path: join(folders.bundles, options.profile),
    made: [...missing].filter(wasMade).map((recipe) => recipe.id),
  }
}
