/** Bundles play into dist/; does nothing while no input has changed. `--force` builds anyway. */
import { createHash } from 'node:crypto'
import { globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { build, type BuildOptions, type Metafile } from 'esbuild'
import {
  lazyBuiltins,
  vendorPackages,
  vendorSource,
  withoutUnused,
  type VendorImports,
} from './esbuild-plugins.ts'
import { noticesOf } from './notices.ts'

const root = join(import.meta.dirname, '..')

/** Everything that may change what is built; node_modules is stood for by the lock file. */
const inputs = [
  '{bin,commands,src}/**/*.ts',
  'scripts/{build,esbuild-plugins,notices}.ts',
  'package.json',
  'package-lock.json',
]

/** CommonJS packages inside an ES module expect these names. */
const commonJsNames = [
  'const __filename = import.meta.filename, __dirname = import.meta.dirname,',
  'require = process.getBuiltinModule("node:module").createRequire(__filename);',
].join(' ')

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node22',
  // Names are kept: classes and errors show theirs, and shorter ones do not make the start faster.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  // Reached only by oclif's development mode, which the bundle never is in.
  external: ['typescript', 'ts-node', 'tsx'],
  metafile: true,
  logLevel: 'warning',
} satisfies BuildOptions

/**
 * The program is one file, since each further one costs a millisecond at every start; what is imported lazily in
 * the sources is evaluated lazily in it. Commands wait to be asked for by name.
 */
function programSource(commands: readonly string[]): string {
  const loaders = commands.map((file) => `${JSON.stringify(commandId(file))}: () => import('./${file}')`)
  return [
    `export { main } from './bin/main.ts'`,
    `export { default as PlayHelp } from './src/cli/help.ts'`,
    `export { commandNotFound } from './src/cli/command-not-found.ts'`,
    `export const commands = { ${loaders.join(', ')} }`,
  ].join('\n')
}

/** The engine ends the plug-in with a signal, and the cache of compiled code is kept at an orderly end only. */
const providerSource = [
  `import './src/pulumi/provider/main.ts'`,
  `process.getBuiltinModule('node:module').flushCompileCache?.()`,
].join('\n')

function commandId(file: string): string {
  return file.replace(/^commands\/|\.ts$/g, '').replaceAll('\\', '/')
}

/** oclif finds commands as files: each is a word to the program. */
function writeCommandFile(id: string, dist: string): void {
  const path = join(dist, 'commands', `${id}.js`)
  mkdirSync(dirname(path), { recursive: true })
  const program = relative(dirname(path), join(dist, 'play.js'))
  writeFileSync(
    path,
    `import { commands } from '${program}'\nexport default (await commands['${id}']()).default\n`,
  )
}

/** Builds everything into `dist` and answers the paths of the bundled files, those of packages among them. */
async function bundle(dist: string): Promise<string[]> {
  const commands = globSync('commands/**/*.ts', { cwd: root }).sort()
  const wanted: VendorImports = new Map()
  const program = {
    ...common,
    format: 'esm',
    banner: { js: commonJsNames },
    plugins: [vendorPackages(wanted), lazyBuiltins, withoutUnused],
  } satisfies BuildOptions
  const fromSource = (file: string, contents: string): BuildOptions & { metafile: true } => ({
    ...program,
    stdin: { contents, resolveDir: root, sourcefile: file.replace('.js', '.ts') },
    outfile: join(dist, file),
  })
  const programs = await Promise.all([
    build(fromSource('play.js', programSource(commands))),
    build(fromSource('provider.js', providerSource)),
  ])
  const vendors = await Promise.all(
    Array.from(wanted, ([file, specifiers]) =>
      build({
        ...common,
        stdin: { contents: vendorSource(specifiers), resolveDir: root, sourcefile: `${file}.cjs` },
        outfile: join(dist, 'vendor', `${file}.cjs`),
        format: 'cjs',
        plugins: [withoutUnused],
      }),
    ),
  )
  for (const file of commands) writeCommandFile(commandId(file), dist)
  return [...programs, ...vendors].flatMap(({ metafile }) => bundledFiles(metafile))
}

/** The inputs of which something is left in the output. */
function bundledFiles({ outputs }: Metafile): string[] {
  return Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  )
}

function fingerprint(): string {
  const hash = createHash('sha256')
  for (const file of inputs.flatMap((pattern) => globSync(pattern, { cwd: root })).sort())
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0')
  return hash.digest('hex')
}

function stampOf(dist: string): string | undefined {
  try {
    return readFileSync(join(dist, '.stamp'), 'utf8')
  } catch {
    return undefined
  }
}

/** Builds dist/ unless it is up to date. Answers whether it had to. */
async function buildIfChanged(force: boolean): Promise<boolean> {
  const dist = join(root, 'dist')
  const stamp = fingerprint()
  if (!force && stampOf(dist) === stamp) return false
  // Built beside and moved into place, so that an interrupted build never leaves half of one behind.
  const fresh = join(root, `.cache/dist-${String(process.pid)}`)
  try {
    writeFileSync(join(fresh, 'THIRD_PARTY_NOTICES.txt'), noticesOf(await bundle(fresh), root))
    writeFileSync(join(fresh, '.stamp'), stamp)
    rmSync(dist, { recursive: true, force: true })
    renameSync(fresh, dist)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
  return true
}

const { values } = parseArgs({ options: { force: { type: 'boolean', default: false } } })
const started = performance.now()
if (await buildIfChanged(values.force))
  console.error(`Built dist in ${((performance.now() - started) / 1000).toFixed(1)} s`)
