/** The service of the demo ci: its own checks pass as they do in the pipeline, and each fault shows where it should. */
import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const demo = fileURLToPath(new URL('../../../assets/demos/ci/', import.meta.url))

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shipped-service-'))
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

/** The source as the demo pushes it with this fault. */
async function source(fault: string): Promise<string> {
  const directory = await mkdtemp(join(folder, `${fault}-`))
  await cp(join(demo, 'source'), directory, { recursive: true })
  if (fault !== 'no') await cp(join(demo, 'break', fault), directory, { recursive: true })
  return directory
}

interface Ended {
  readonly code: number
  readonly output: string
}

async function node(cwd: string, ...args: string[]): Promise<Ended> {
  const env = { PATH: process.env['PATH'], COMMIT: '0123abc' }
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr })
    })
  })
}

const lint = ['--disable-warning=ExperimentalWarning', 'scripts/lint.ts']
// In one process: the machine may be busy.
const tests = ['--test', '--test-isolation=none', '--test-reporter=tap']

/** For a busy machine: each test starts up to three processes. */
const timeoutMs = 30_000

test(
  'it is clean, passes its tests and answers',
  async () => {
    const directory = await source('no')
    expect(await node(directory, ...lint)).toEqual({ code: 0, output: '7 files, 0 problems\n' })
    const tested = await node(directory, ...tests)
    expect(tested.output).toContain('\n# pass 6\n# fail 0\n')
    expect(tested.code).toBe(0)
    const smoke = await node(directory, 'scripts/smoke.ts', '0123abc')
    expect(smoke).toEqual({
      code: 0,
      output: 'it says "Hello from the playground, world!" at commit 0123abc\n',
    })
  },
  timeoutMs,
)

test(
  'with the fault "test" one test fails, and says what it got',
  async () => {
    const directory = await source('test')
    expect((await node(directory, ...lint)).code).toBe(0)
    const tested = await node(directory, ...tests)
    expect(tested.output).toContain('\n# pass 5\n# fail 1\n')
    expect(tested.output).toContain('Hello from the playground, undefined!')
    expect(tested.code).toBe(1)
  },
  timeoutMs,
)

test(
  'its smoke test refuses an image of another commit',
  async () => {
    const { code, output } = await node(await source('no'), 'scripts/smoke.ts', 'fedcba9')
    expect(output).toContain('it was built from another commit')
    expect(code).toBe(1)
  },
  timeoutMs,
)

test(
  'its lint names file, line and problem',
  async () => {
    const directory = await source('no')
    const sloppy = 'export function size(thing: any): number {\n\tconsole.log(thing) \n  return 1\n}\n'
    await writeFile(join(directory, 'src', 'sloppy.ts'), sloppy)
    await writeFile(join(directory, 'src', 'wrong.ts'), 'const one = 1\nconst = 2\n')
    const { code, output } = await node(directory, ...lint)
    expect(output.trimEnd().split('\n').toSorted()).toEqual([
      '9 files, 5 problems',
      'src/sloppy.ts:1: "any" hides mistakes: name the type',
      'src/sloppy.ts:2: a tab: indent with two spaces',
      'src/sloppy.ts:2: only main.ts writes to the console',
      'src/sloppy.ts:2: spaces at the end of the line',
      expect.stringMatching(/^src\/wrong\.ts:2: ./),
    ])
    expect(code).toBe(1)
  },
  timeoutMs,
)
