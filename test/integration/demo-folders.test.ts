/** Folders of demos on a real file system: their limits, links, and copies. */
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createDemoFolders } from '../../src/adapters/demo-folders.ts'
import { PlayError } from '../../src/domain/errors.ts'

const packageRoot = join(import.meta.dirname, '../..')
const apply = 'title: T\nsteps: [{title: A, apply: {files: [a.yaml]}}]\n'
const push = 'title: T\nsteps: [{title: P, push: {repository: a, folder: src}}]\n'
const object = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n'

async function world(files: Readonly<Record<string, string | Uint8Array>> = {}, root = packageRoot) {
  const cwd = await mkdtemp(join(tmpdir(), 'play-demos-'))
  onTestFinished(() => rm(cwd, { recursive: true, force: true }))
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(cwd, path)), { recursive: true })
    await writeFile(join(cwd, path), content)
  }
  return { cwd, demos: createDemoFolders({ packageRoot: root, cwd }) }
}

async function messageOf(doing: Promise<unknown>): Promise<string> {
  const error: unknown = await doing.then(
    () => 'it succeeded',
    (reason: unknown) => reason,
  )
  return error instanceof PlayError ? `${error.id} ${error.message}` : String(error)
}

describe('a folder that is no demo', () => {
  it.each([
    ['nowhere', 'nowhere:1:1: it is not there'],
    ['file', 'file:1:1: name the folder that has the demo.yaml, not a file'],
    ['empty', 'empty/demo.yaml:1:1: it is not there'],
    [
      'My_Demo',
      'My_Demo/demo.yaml:1:1: a demo is called like its folder, and "My_Demo" is not lower-case letters, digits and dashes',
    ],
    ['big', 'big/demo.yaml:1:1: it has more than 1 MB'],
    ['binary', 'binary/demo.yaml:1:1: it is not text in UTF-8'],
    ['nul', 'nul/demo.yaml:1:1: it is not text in UTF-8'],
  ])('is refused: %s', async (directory, message) => {
    const { demos } = await world({
      ...{
        file: 'a',
        'empty/a': 'a',
        'My_Demo/demo.yaml': apply,
        'big/demo.yaml': 'a'.repeat(1024 * 1024 + 1),
      },
      ...{ 'binary/demo.yaml': Uint8Array.of(0x61, 0xff, 0xfe), 'nul/demo.yaml': 'a\0b' },
    })
    expect(await messageOf(demos.openOwn(directory))).toBe(`DEMO_INVALID ${message}`)
  })
})

describe('files of a demo', () => {
  it('are read and listed below its folder', async () => {
    const { demos, cwd } = await world({
      ...{ 'a/demo.yaml': push, 'a/src/z/b.txt': 'é', 'a/src/a.txt': '', 'a/src/.dockerignore': '' },
      ...{ 'a/src/.git/config': '', 'a/a.yaml': `---\n${object}---\n---\n${object}` },
    })
    await symlink('a.txt', join(cwd, 'a/src/link.txt'))
    const folder = await demos.openOwn(`${cwd}/a/`)
    expect(await folder.files('src')).toEqual(['.dockerignore', 'a.txt', 'link.txt', 'z/b.txt'])
    expect(await folder.files('./src/z/')).toEqual(['b.txt'])
    expect(await folder.files('other')).toEqual([])
    expect(await folder.read('src/z/b.txt')).toBe('é')
    expect(await folder.objects('a.yaml')).toHaveLength(2)
  })

  it('[row 33] cannot be read outside, nor by a link', async () => {
    const { demos, cwd } = await world({ 'secret/key': 'x', 'a/demo.yaml': apply, 'a/a.yaml': object })
    await symlink('../secret', join(cwd, 'a/out'))
    await symlink('../secret/key', join(cwd, 'a/key'))
    const folder = await demos.openOwn('a')
    const wayOut = 'DEMO_INVALID a/key:1:1: it is a link that leads out of the folder'
    expect(await messageOf(folder.read('key'))).toBe(wayOut)
    expect(await messageOf(folder.read('out/key'))).toContain('leads out of the folder')
    expect(await messageOf(folder.files('out'))).toContain('leads out of the folder')
    expect(await messageOf(folder.read('../secret/key'))).toContain('leads out of the folder')
    expect(await messageOf(folder.read(join(cwd, 'a/a.yaml')))).toContain('leads out of the folder')
    expect(await messageOf(folder.objects('no.yaml'))).toBe('DEMO_INVALID a/no.yaml:1:1: it is not there')
  })

  it.each([
    [
      'a binary file',
      { 'a/src/logo.png': Uint8Array.of(0x89, 0x50, 0xff) },
      'src/logo.png: it is not text in UTF-8',
    ],
    ['a large one', { 'a/src/big': 'a'.repeat(1024 * 1024 + 1) }, 'src/big: it has more than 1 MB'],
    [
      'too many',
      Object.fromEntries(Array.from({ length: 501 }, (_, n) => [`a/src/${String(n)}`, ''])),
      'src: it has more than 500 files',
    ],
    ['too deep ones', { [`a/src/${'d/'.repeat(10)}f`]: '' }, 'src: its folders are nested more than 10 deep'],
  ])('are refused before anything is committed: %s', async (_, files, reason) => {
    const { demos } = await world({ 'a/demo.yaml': push, 'a/src/a': '', ...files })
    const found = await messageOf(demos.openOwn('a'))
    expect(found).toBe(`DEMO_INVALID a/demo.yaml:2:50: ${reason}`)
  })

  it('may be a circle of links, which ends', async () => {
    const { demos, cwd } = await world({ 'a/demo.yaml': push, 'a/src/a': '' })
    await symlink('.', join(cwd, 'a/src/again'))
    expect(await messageOf(demos.openOwn('a'))).toContain('src: its folders are nested more than 10 deep')
  })
})

describe('a copy of a demo', () => {
  it.each(['hello', 'gitops', 'ci'])('of %s runs as a demo of its own, whatever it is called', async (id) => {
    const { demos, cwd } = await world()
    const files = await demos.copy(id, 'below/my-own')
    expect(files).toContain('demo.yaml')
    expect(files).toEqual(files.toSorted())
    const own = await demos.openOwn('below/my-own')
    const { definition } = await demos.open(id)
    expect(own.definition).toEqual({ ...definition, id: 'my-own' })
    expect(await own.files('.')).toEqual(files)
    const [hint = '', ...lines] = (await readFile(join(cwd, 'below/my-own/demo.yaml'), 'utf8')).split('\n')
    const schema = hint.replace('# yaml-language-server: $schema=', '')
    expect(fileURLToPath(schema)).toBe(join(packageRoot, 'assets/schemas/demo.schema.json'))
    const original = await readFile(join(packageRoot, 'assets/demos', id, 'demo.yaml'), 'utf8')
    expect(lines).toEqual(original.split('\n').slice(1))
  })

  it('has the mode bits of new files, whatever those of the package', async () => {
    const { demos, cwd } = await world({}, await smallPackage())
    await mkdir(join(cwd, 'mine'))
    expect(await demos.copy('hello', 'mine/')).toEqual(['demo.yaml', 'sub/a.yaml'])
    await writeFile(join(cwd, 'usual'), '')
    const usual = (await stat(join(cwd, 'usual'))).mode
    expect((await stat(join(cwd, 'mine/sub/a.yaml'))).mode).toBe(usual)
  })

  it.each([
    ['full', 'it has files in it'],
    ['file', 'it is a file'],
    ['file/below', 'a part of the path is no folder'],
    [
      'My Demo',
      'a demo is called like its folder, and "My Demo" is not lower-case letters, digits and dashes',
    ],
  ])('is not made where it cannot be: %s', async (directory, reason) => {
    const { demos, cwd } = await world({ 'full/a': 'a', file: 'a' })
    const message = await messageOf(demos.copy('hello', directory))
    expect(message).toBe(`DEMO_COPY_REFUSED Nothing is copied to ${directory}: ${reason}`)
    expect((await readdir(cwd, { recursive: true })).sort()).toEqual(['file', 'full', 'full/a'])
  })

  it('that fails in the middle leaves nothing behind, and what was there before', async () => {
    const root = await smallPackage()
    // Comes last, and cannot be read as a file.
    const socket = createServer().listen(join(root, 'assets/demos/hello/zzz'))
    onTestFinished(() => void socket.close())
    await once(socket, 'listening')
    const { demos, cwd } = await world({}, root)
    await mkdir(join(cwd, 'empty'))
    expect(await messageOf(demos.copy('hello', 'new/mine'))).toContain('DEMO_COPY_REFUSED')
    expect(await messageOf(demos.copy('hello', 'empty'))).toContain('DEMO_COPY_REFUSED')
    expect(await readdir(cwd, { recursive: true })).toEqual(['empty'])
  })
})

/** A package with one demo, whose files are read-only. */
async function smallPackage(): Promise<string> {
  const { cwd } = await world({
    'assets/demos/hello/demo.yaml': apply,
    'assets/demos/hello/sub/a.yaml': object,
  })
  await chmod(join(cwd, 'assets/demos/hello/sub/a.yaml'), 0o400)
  return cwd
}
