/** What is published: the list of files, and that it works where nothing else is installed. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, matchesGlob } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** Everything that may be in the package; a new kind of file is a decision. */
const allowed = [
  'package.json',
  'LICENSE',
  'README.md',
  'oclif.manifest.json',
  'bin/run.js',
  'bin/pulumi-resource-play',
  'assets/**',
  'dist/THIRD_PARTY_NOTICES.txt',
  'dist/commands/**/*.js',
  'dist/play.js',
  'dist/provider.js',
  'dist/vendor/*.cjs',
]

interface Finished {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program with the Node that runs this test first on the PATH. */
function run(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  cwd = root,
): Promise<Finished> {
  const path = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`
  return new Promise((resolve) => {
    execFile(file, args, { cwd, env: { ...process.env, PATH: path, ...env } }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      resolve({ exitCode, stdout, stderr })
    })
  })
}

interface Packed {
  readonly filename: string
  readonly size: number
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string; readonly mode: number }[]
}

let folder: string
let packed: Packed
let installed: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'play-package-'))
  const pack = await run('npm', ['pack', '--json', '--loglevel=error', '--pack-destination', folder])
  // npm 11 answers with a list, npm 12 with an object by name.
  const answer = JSON.parse(pack.stdout.slice(pack.stdout.search(/[[{]/))) as Record<string, Packed>
  packed = Object.values(answer)[0] as Packed
  const home = join(folder, 'empty')
  await mkdir(home)
  await writeFile(join(home, 'package.json'), '{}')
  const tarball = join(folder, packed.filename)
  const install = await run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], {}, home)
  expect(install.stderr).not.toContain('ERR')
  installed = join(home, 'node_modules')
}, 120_000)

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

describe('the package', () => {
  it('holds only files that are meant to be published', () => {
    const strange = packed.files.filter(({ path }) => !allowed.some((glob) => matchesGlob(path, glob)))
    expect(strange.map(({ path }) => path)).toEqual([])
  })

  it('holds the programs, the licence and the notices', () => {
    expect(packed.files.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        'LICENSE',
        'bin/pulumi-resource-play',
        'bin/run.js',
        'dist/THIRD_PARTY_NOTICES.txt',
        'dist/play.js',
        'dist/provider.js',
        'oclif.manifest.json',
      ]),
    )
  })

  it('has no source map and no source, but for what demos push', () => {
    const own = packed.files.filter(({ path }) => !path.startsWith('assets/demos/'))
    expect(own.filter(({ path }) => /\.(map|ts)$/.test(path))).toEqual([])
  })

  it('stays small', () => {
    expect(packed.size).toBeLessThan(2 * 1024 * 1024)
    expect(packed.unpackedSize).toBeLessThan(10 * 1024 * 1024)
  })

  it('ships a manifest that fits its commands', async () => {
    const check = await run(process.execPath, ['scripts/refresh-manifest.ts', '--check'])
    expect(check).toMatchObject({ exitCode: 0, stderr: '' })
  })
})

describe('the installed package', () => {
  const play = (...args: string[]): Promise<Finished> =>
    run(join(installed, '.bin/play'), args, { PLAY_CACHE_DIR: join(folder, 'cache') }, folder)

  it('says its version, system and Node', async () => {
    const { stdout } = await play('--version')
    expect(stdout).toMatch(/^play\/\d+\.\d+\.\d+\S* (linux|darwin)-\w+ node-v\d+\.\d+\.\d+\n$/)
  })

  it('shows its commands with --help', async () => {
    const { stdout, stderr, exitCode } = await play('--help')
    expect(stderr).toBe('')
    expect(exitCode).toBe(0)
    expect(stdout).toContain('USAGE')
    expect(stdout).toMatch(/^ {2}up /m)
  })

  it('refuses an unknown command with exit code 2', async () => {
    expect(await play('nonsense')).toMatchObject({ exitCode: 2 })
  })

  it('starts while NODE_ENV says development', async () => {
    const env = { NODE_ENV: 'development', PLAY_CACHE_DIR: join(folder, 'cache') }
    const help = await run(join(installed, '.bin/play'), ['--help'], env, folder)
    expect(help).toMatchObject({ exitCode: 0, stderr: '' })
  })

  it('ends as it should though whoever read its story has gone', async () => {
    const env = { ...process.env, PLAY_STATE_DIR: join(folder, 'state') }
    const child = spawn(process.execPath, [join(installed, '@kubeplay/play/bin/run.js'), 'kubeconfig'], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    child.stderr.destroy()
    expect(await once(child, 'close')).toEqual([4, null])
  })

  it('can be executed by the Pulumi engine, on the Node that it is told', async () => {
    const launcher = join(installed, '@kubeplay/play/bin/pulumi-resource-play')
    expect((await stat(launcher)).mode & 0o111).toBe(0o111)
    const { stdout } = await run(launcher, ['127.0.0.1:1'], { PLAY_NODE: 'echo' })
    expect(stdout).toMatch(/bin\/\.\.\/dist\/provider\.js 127\.0\.0\.1:1\n$/)
  })
})

describe('on an old Node', () => {
  const onNode = (version: string): Promise<Finished> => {
    const fake = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`
    const preload = `data:text/javascript,${encodeURIComponent(fake)}`
    return run(process.execPath, ['--import', preload, join(root, 'bin/run.js'), '--version'])
  }

  it.each(['12.22.12', '20.20.2', '22.12.0'])(
    '%s, play says what it needs and exits with 3',
    async (version) => {
      const { exitCode, stdout, stderr } = await onNode(version)
      expect(exitCode).toBe(3)
      expect(stdout).toBe('')
      expect(stderr).toContain('play needs Node.js 22.13 or newer')
    },
  )

  it.each(['22.13.0', '23.0.0', '24.21.0'])('%s, play starts', async (version) => {
    expect(await onNode(version)).toMatchObject({ exitCode: 0, stderr: '' })
  })
})
