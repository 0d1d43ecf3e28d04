// The command line of the bundle builder.
import { parseArgs } from 'node:util'
import { BUNDLE_PROFILES, type BundleProfile } from '../src/artifacts/bundle-index.ts'
import { BuildError } from './build-error.ts'

/** What a person asked for. */
export interface BuildOptions {
  readonly profile: BundleProfile
  /** Folder of image archives and pinned manifests to add. */
  readonly images?: string
  readonly json: boolean
  /** Read every blob in full, and make damaged ones again. */
  readonly verify: boolean
  readonly keepBuildCaches: boolean
  /** After this many minutes nothing beyond the core is started. */
  readonly budgetMinutes?: number
  readonly help: boolean
}

/** How to call the builder. */
export const USAGE = `Builds a bundle from package registries: tools, node image, images and manifests.

  node offline/build.ts [--profile core|full] [--images DIR] [--json] [--verify]
                        [--budget-minutes N] [--keep-build-caches]

  --profile core|full    what up and hello need (default), or that and what later components need
  --images DIR           add the image archives (*.tar, *.tar.gz) of a folder, and the pinned manifests (*.yaml) there
  --json                 print a summary on standard output
  --verify               read everything that is there, and make again what is damaged
  --budget-minutes N     start nothing beyond the core once N minutes have passed
  --keep-build-caches    leave the Go caches and root file systems for the next build
`

function budget(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const minutes = Number(text)
  if (!Number.isFinite(minutes) || minutes < 0 || text.trim() === '')
    throw new BuildError(`--budget-minutes needs a number of minutes, not "${text}"`, [
      'Write it like: --budget-minutes 60',
    ])
  return minutes
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: false,
      options: {
        profile: { type: 'string', default: 'core' },
        images: { type: 'string' },
        json: { type: 'boolean', default: false },
        verify: { type: 'boolean', default: false },
        'keep-build-caches': { type: 'boolean', default: false },
        'budget-minutes': { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    throw new BuildError(error instanceof Error ? error.message : String(error), [
      'See: node offline/build.ts --help',
    ])
  }
}

/** Parses the arguments. @throws BuildError for what is not understood. */
export function parseBuildOptions(args: readonly string[]): BuildOptions {
  const values = parsed(args)
  const profile = BUNDLE_PROFILES.find((known) => known === values.profile)
  if (profile === undefined)
    throw new BuildError(`there is no profile "${values.profile}"`, [
      `Choose one of: ${BUNDLE_PROFILES.join(', ')}`,
    ])
  const budgetMinutes = budget(values['budget-minutes'])
  return {
    ...{ profile, json: values.json, verify: values.verify, help: values.help },
    keepBuildCaches: values['keep-build-caches'],
    ...(values.images === undefined ? {} : { images: values.images }),
    ...(budgetMinutes === undefined ? {} : { budgetMinutes }),
  }
}
