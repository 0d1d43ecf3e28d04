// Recipes run as steps: looked up first, kept when made, left out by the budget, named when they fail.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BlobStore } from '../../../offline/blob-store.ts'
import { BuildError } from '../../../offline/build-error.ts'
import { toErrorData } from '../../../offline/build-bundle.ts'
import { buildFolders } from '../../../offline/build-folders.ts'
import { demanded, type Recipe } from '../../../offline/recipe.ts'
import { RecipeRecords } from '../../../offline/recipe-records.ts'
import { RecipeSteps, type Made, type Workshop } from '../../../offline/recipe-steps.ts'
import { systemClock } from '../../../src/adapters/system-clock.ts'
import { noLedger } from '../../../src/engine/ledger.ts'
import { createPlan } from '../../../src/engine/plan.ts'
import { runPlan, type RunOutcome } from '../../../src/engine/run-plan.ts'

let root: string
let made: string[]
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'play-recipes-'))
  made = []
})
afterEach(() => rm(root, { recursive: true }))

function recipe(id: string, inputs: readonly Recipe[] = [], failure?: Error): Recipe {
  return {
    ...{ id, title: `Build ${id}`, inputs, ingredients: {}, usualSeconds: 1, diskGigabytes: 0 },
    ...{ track: 'main', result: 'blobs' },
    make: async (bench) => {
      if (failure !== undefined) throw failure
      for (const input of inputs) bench.input(input, input.id)
      made.push(id)
      await writeFile(join(bench.scratch, id), id)
      return { files: [{ name: id, file: join(bench.scratch, id), executable: false }] }
    },
  }
}

const tool = recipe('tool')
const node = recipe('node', [tool])
const extra = recipe('extra', [tool])
const late = recipe('late', [extra])

async function run(
  targets: readonly Recipe[],
  more: Partial<Workshop> = {},
): Promise<(r: Recipe) => Made | undefined> {
  const outcome = await attempt(targets, more)
  if (outcome.kind !== 'succeeded') throw outcome.kind === 'failed' ? outcome.error : new Error('cancelled')
  return (one) => outcome.steps.get(one.id)
}

type Attempt = RunOutcome & { readonly steps: Map<string, Made | undefined> }

async function attempt(targets: readonly Recipe[], more: Partial<Workshop> = {}): Promise<Attempt> {
  const folders = buildFolders({ XDG_CACHE_HOME: root })
  const workshop: Workshop = {
    ...{ folders, blobs: new BlobStore(folders.blobs), records: new RecipeRecords(folders.recipes) },
    ...{
      now: Date.now,
      startedAt: Date.now(),
      budgetMinutes: undefined,
      core: new Set([tool, node]),
      ...more,
    },
  }
  const recipes = demanded(targets, () => false)
  const steps = new RecipeSteps(workshop, recipes, new Set(recipes))
  const plan = createPlan([{ name: 'make', steps: steps.all() }])
  const signal = new AbortController().signal
  const outcome = await runPlan(plan, {
    emit: () => undefined,
    clock: systemClock,
    ledger: noLedger,
    signal,
    toErrorData,
  })
  const outputs = recipes.map((one): [string, Made | undefined] => [
    one.id,
    outcome.kind === 'succeeded' ? outcome.output(steps.of(one)) : undefined,
  ])
  return { ...outcome, steps: new Map(outputs) }
}

describe('recipes as steps', () => {
  it('are made once, inputs first', async () => {
    await run([node])
    await run([node, extra])
    expect(made).toEqual(['tool', 'node', 'extra'])
  })

  it('are made again when a blob is gone', async () => {
    const found = (await run([tool]))(tool)
    const sha256 = found !== undefined && 'record' in found ? (found.record.outputs[0]?.sha256 ?? '') : ''
    await new BlobStore(buildFolders({ XDG_CACHE_HOME: root }).blobs).remove(sha256)
    await run([tool])
    expect(made).toEqual(['tool', 'tool'])
  })

  it('go on at the first one that is missing after a failure', async () => {
    const broken = recipe('broken', [tool], new Error('no'))
    expect((await attempt([broken])).kind).toBe('failed')
    await run([node])
    expect(made).toEqual(['tool', 'node'])
  })

  it('beyond the core are left out when the budget is used up, with all that stands on them', async () => {
    const outputOf = await run([node, late], { budgetMinutes: 0 })
    expect(made).toEqual(['tool', 'node'])
    expect([outputOf(extra), outputOf(late)]).toEqual([{ leftOut: true }, { leftOut: true }])
  })

  it('name the program that failed, its last lines, and what to do next', async () => {
    const outcome = await attempt([
      recipe('broken', [], new BuildError('it did not build', [], ['line 1', 'line 2'])),
    ])
    expect(outcome.kind === 'failed' ? toErrorData(outcome.error) : undefined).toMatchObject({
      message: 'Build broken: it did not build',
      details: ['line 1', 'line 2'],
      suggestions: ['Run it again: what is finished is kept.'],
    })
  })
})
