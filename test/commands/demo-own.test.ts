/** A person's own demo: listing, copying, running and stopping it. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import DemoCopy from '../../commands/demo/copy.ts'
import Hello from '../../commands/demo/hello.ts'
import DemoList from '../../commands/demo/list.ts'
import DemoRun from '../../commands/demo/run.ts'
import DemoStop from '../../commands/demo/stop.ts'
import { runCommand } from '../fakes/fake-app.ts'
import { helloPlayground } from '../fakes/fake-hello.ts'
import { FakeWorld } from '../fakes/fake-ports.ts'

const workflow = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', namespace: 'demo-hello' }
let world: FakeWorld
let folder: string
let own: string

beforeEach(async () => {
  world = new FakeWorld()
  folder = await mkdtemp(join(tmpdir(), 'play-demo-'))
  own = join(folder, 'mine')
  await helloPlayground(world)
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

describe('play demo list', () => {
  test('shows what each demo shows, needs and takes', async () => {
    const { stdout, exitCode } = await runCommand(DemoList, [], world)
    expect(exitCode).toBe(0)
    const ids = stdout.split('\n').map((line) => line.split(' ')[0])
    expect(ids.slice(0, 4)).toEqual(['DEMO', 'hello', 'gitops', 'ci'])
    expect(stdout).toContain('git, gitops, pipelines, registry, builder')
  })

  test('gives machines the options as well', async () => {
    const { stdout } = await runCommand(DemoList, ['--json'], world)
    const { result } = JSON.parse(stdout) as { result: { id: string; options: object }[] }
    expect(result.find(({ id }) => id === 'ci')).toMatchObject({
      ...{ title: expect.any(String) as string, takes: expect.any(String) as string },
      options: { break: { default: 'no', choices: ['test', 'build', 'deploy'] } },
    })
  })
})

describe('play demo copy', () => {
  test('makes a demo of one’s own that runs at once', async () => {
    const { stdout, exitCode } = await runCommand(DemoCopy, ['hello', own], world)
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/Copied \d+ files of hello/)
    expect(stdout).toContain(`$ play demo run ${own}`)
    const said = await runCommand(DemoRun, [own], world)
    expect(said).toMatchObject({ exitCode: 0 })
    expect(said.stdout).toContain('< hello world >')
  })

  test('overwrites nothing', async () => {
    await writeFile(join(folder, 'precious.txt'), 'x')
    const { stderr, exitCode } = await runCommand(DemoCopy, ['hello', folder], world)
    expect(exitCode).toBe(4)
    expect(stderr).toContain(`Nothing is copied to ${folder}`)
  })

  test('of a demo that is none offers the nearest', async () => {
    const { stderr, exitCode } = await runCommand(DemoCopy, ['helo', own], world)
    expect(exitCode).toBe(2)
    expect(stderr).toContain('Did you mean hello?')
  })
})

describe('play demo run', () => {
  beforeEach(async () => {
    await runCommand(DemoCopy, ['hello', own], world)
  })

  test('takes the demo’s options with --set', async () => {
    const argv = [own, '--set', 'message=a=b', '--set', 'break=no']
    const { stdout, exitCode } = await runCommand(DemoRun, argv, world)
    expect(exitCode).toBe(0)
    expect(stdout).toContain('< a=b >')
  })

  test.each([
    ['message', '--set takes NAME=VALUE, not "message"'],
    ['mesage=x', '--set message=…'],
    ['break=maybe', 'break cannot be "maybe"; it is one of no, yes'],
  ])('refuses --set %s with 2', async (set, reason) => {
    const { stderr, exitCode } = await runCommand(DemoRun, [own, '--set', set], world)
    expect(exitCode).toBe(2)
    expect(stderr).toContain(reason)
    expect(world.cluster('dev').objects(workflow)).toEqual([])
  })

  test('names line and column of a mistake before anything is done', async () => {
    const path = join(own, 'demo.yaml')
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace('    workflow:\n', '    workflo:\n'))
    const { stderr, exitCode } = await runCommand(DemoRun, [own], world)
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(/demo\.yaml:\d+:\d+: .*workflo/)
    expect(world.cluster('dev').calls).toEqual([])
  })
})

describe('play demo stop', () => {
  test('by its name removes what the demo has made', async () => {
    await runCommand(Hello, [], world)
    const { stdout, exitCode } = await runCommand(DemoStop, ['hello'], world)
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^Removed \d+ things: demo hello on dev$/m)
    expect(world.cluster('dev').objects(workflow)).toEqual([])
    expect((await runCommand(DemoStop, ['hello'], world)).stdout).toContain(
      'Nothing of it was there: demo hello on dev',
    )
  })

  test('by its path removes what one’s own has made, and nothing of another', async () => {
    await runCommand(DemoCopy, ['hello', own], world)
    await runCommand(DemoRun, [own], world)
    expect((await runCommand(DemoStop, ['hello'], world)).stdout).toContain('Nothing of it was there')
    const { stdout } = await runCommand(DemoStop, [own, '--json'], world)
    const { result } = JSON.parse(stdout) as { result: { demo: string; removed: number } }
    expect(result).toMatchObject({ demo: 'mine', name: 'dev' })
    expect(result.removed).toBeGreaterThan(0)
  })

  test('of a demo that is none offers the nearest', async () => {
    const { stderr, exitCode } = await runCommand(DemoStop, ['helo'], world)
    expect(exitCode).toBe(2)
    expect(stderr).toContain('Did you mean hello?')
  })
})
