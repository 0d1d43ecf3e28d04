// Builds programs from Go modules: a wrapper module per upstream project, then one go build per program.
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BuildError } from './build-error.ts'
import type { BuildFolders } from './build-folders.ts'
import { goModText, type GoModule, type GoProgram } from './go-modules.ts'
import { runCommand } from './run-command.ts'
import type { Recipe, Workbench } from './recipe.ts'

const GO_FLAGS = ['-trimpath'] as const

/** The environment of every go command of the kit: no C compiler, no other toolchain, and the kit's own caches. */
function goEnvironment(folders: BuildFolders): Record<string, string> {
  return {
    GOFLAGS: '-mod=mod',
    CGO_ENABLED: '0',
    GOTOOLCHAIN: 'local',
    GOOS: 'linux',
    GOARCH: 'amd64',
    GOWORK: 'off',
    GOCACHE: folders.goCache,
    GOMODCACHE: folders.goModules,
  }
}

/** Folder of a module's files in the module cache, downloaded first where it is missing. `name` is path@version. */
export async function moduleFolder(
  name: string,
  folders: BuildFolders,
  signal: AbortSignal,
): Promise<string> {
  await mkdir(folders.wrappers, { recursive: true })
  const options = { signal, cwd: folders.wrappers, env: goEnvironment(folders) }
  const lines = await runCommand('go', ['mod', 'download', '-json', name], options)
  const folder = /"Dir": "([^"]+)"/.exec(lines.join('\n'))?.[1]
  if (folder === undefined)
    throw new BuildError(`the Go module ${name} could not be downloaded`, [], lines.slice(-40))
  return folder
}

// Zips of modules carry no symbolic links; a program that needs one is built from a copy that has it.
async function restoreLink(wrapper: GoModule, folder: string, bench: Workbench): Promise<string> {
  const link = wrapper.restoredLink
  if (link === undefined) return ''
  const version = wrapper.require.find((one) => one.startsWith(`${link.module} `))?.split(' ')[1] ?? ''
  const source = await moduleFolder(`${link.module}@${version}`, bench.folders, bench.signal)
  const copy = join(folder, 'copy')
  await rm(copy, { recursive: true, force: true })
  await runCommand('cp', ['--recursive', '--no-preserve=mode', source, copy], { signal: bench.signal })
  await symlink(link.target, join(copy, link.path))
  return `replace ${link.module} => ./copy\n`
}

async function prepareWrapper(wrapper: GoModule, bench: Workbench): Promise<string> {
  const folder = join(bench.folders.wrappers, wrapper.name)
  await mkdir(folder, { recursive: true })
  const replaced = await restoreLink(wrapper, folder, bench)
  await writeFile(join(folder, 'go.mod'), `${goModText(wrapper)}${replaced}`)
  return folder
}

async function build(program: GoProgram, bench: Workbench): Promise<string> {
  const folder = await prepareWrapper(program.module, bench)
  const target = join(bench.scratch, program.name)
  const settings = program.settings.map((setting) => ` -X ${setting}`).join('')
  const tags = program.tags.length === 0 ? [] : ['-tags', program.tags.join(' ')]
  const flags = [...GO_FLAGS, ...tags, '-ldflags', `-s -w${settings}`, '-o', target]
  try {
    await runCommand('go', ['build', ...flags, program.packagePath], {
      ...{ signal: bench.signal, cwd: folder, env: goEnvironment(bench.folders) },
    })
  } catch (error) {
    if (!(error instanceof BuildError)) throw error
    const next = ['Run it again: what is finished is kept, and the compiler goes on where it stopped.']
    throw new BuildError(`${program.name} did not build`, next, error.details, error)
  }
  return target
}

/** The recipe of one program. `goVersion` is part of its key, since another compiler makes another file. */
export function goRecipe(program: GoProgram, goVersion: string): Recipe {
  return {
    id: `go.${program.name}`,
    title: `Build ${program.name} ${program.version}`,
    inputs: [],
    ingredients: {
      goVersion,
      module: goModText(program.module),
      link: program.module.restoredLink === undefined ? null : { ...program.module.restoredLink },
      package: program.packagePath,
      settings: program.settings,
      tags: program.tags,
      flags: [...GO_FLAGS, '-s', '-w', 'linux/amd64', 'cgo=0'],
    },
    usualSeconds: program.usualSeconds,
    track: 'main',
    diskGigabytes: program.usualSeconds / 130,
    result: 'blobs',
    make: async (bench) => ({
      files: [{ name: program.name, file: await build(program, bench), executable: true }],
    }),
  }
}

/** The recipe of a program whose source is in the kit itself, in a folder of its name. */
export function ownProgramRecipe(name: string, kit: string, sourceDigest: string, goVersion: string): Recipe {
  return {
    id: `go.${name}`,
    title: `Build ${name}`,
    inputs: [],
    ingredients: { goVersion, source: sourceDigest },
    usualSeconds: 5,
    track: 'main',
    diskGigabytes: 0.1,
    result: 'blobs',
    make: async (bench) => {
      const target = join(bench.scratch, name)
      const env = { ...goEnvironment(bench.folders), GOFLAGS: '' }
      const args = ['build', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w', '-o', target, '.']
      await runCommand('go', args, { signal: bench.signal, cwd: join(kit, name), env })
      return { files: [{ name, file: target, executable: true }] }
    },
  }
}
