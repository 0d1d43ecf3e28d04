/** The commands that only look: status, list, kubeconfig, version. */
import { beforeEach, describe, expect, test } from 'vitest'
import Kubeconfig from '../../commands/kubeconfig.ts'
import List from '../../commands/list.ts'
import Status from '../../commands/status.ts'
import Version from '../../commands/version.ts'
import { PlayError } from '../../src/domain/errors.ts'
import { runCommand } from '../fakes/fake-app.ts'
import { FakeWorld } from '../fakes/fake-ports.ts'

let world: FakeWorld
beforeEach(() => {
  world = new FakeWorld()
})

describe('play status', () => {
  test('shows each part and ends with 0 when all is well', async () => {
    await world.makePlayground('dev')
    const { stdout, stderr, exitCode } = await runCommand(Status, [], world)
    expect(exitCode).toBe(0)
    expect(stderr).toBe('')
    expect(stdout).toMatch(/Kubernetes 1\.34\.10 +healthy/)
  })

  test('ends with 6 when something is not, and is an answer all the same', async () => {
    await world.makePlayground('dev')
    world.engine.containers.clear()
    const { stdout, exitCode } = await runCommand(Status, ['--json'], world)
    expect(exitCode).toBe(6)
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      result: { healthy: false, cluster: { status: 'missing' } },
    })
  })

  test('gives one line with ndjson, since nothing runs', async () => {
    await world.makePlayground('dev')
    const { stdout } = await runCommand(Status, ['--output', 'ndjson'], world)
    expect(stdout.split('\n')).toHaveLength(2)
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, result: { name: 'dev' } })
  })

  test('ends with 4 for a name that does not exist, naming those that do', async () => {
    await world.makePlayground('workshop')
    const { stdout, stderr, exitCode } = await runCommand(Status, ['dev'], world)
    expect(exitCode).toBe(4)
    expect(stdout).toBe('')
    expect(stderr).toContain('There are: workshop')
  })

  test('ends with 3 without an engine, never with "gone"', async () => {
    await world.makePlayground('dev')
    world.engineError = PlayError.of('ENGINE_DOWN', { engine: 'docker' })
    const { stdout, stderr, exitCode } = await runCommand(Status, [], world)
    expect([stdout, exitCode]).toEqual(['', 3])
    expect(stderr).toContain('ENGINE_DOWN')
  })
})

describe('play list', () => {
  test('says how to make one where there is none', async () => {
    const { stdout, exitCode } = await runCommand(List, [], world)
    expect(exitCode).toBe(0)
    expect(stdout).toContain('play up')
  })

  test('has a row for each, also with --json', async () => {
    await world.makePlayground('one')
    await world.makePlayground('two', { phase: 'failed' })
    expect((await runCommand(List, [], world)).stdout).toMatch(
      /one +ready +running[\s\S]*two +failed +running/,
    )
    const { stdout } = await runCommand(List, ['--json'], world)
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, result: [{ name: 'one' }, { name: 'two' }] })
  })

  test('takes no names', async () => {
    expect((await runCommand(List, ['dev'], world)).exitCode).toBe(2)
  })
})

describe('play kubeconfig', () => {
  test('prints the file, which can be redirected', async () => {
    await world.makePlayground('dev')
    const { stdout, stderr } = await runCommand(Kubeconfig, [], world)
    expect(stderr).toBe('')
    expect(stdout).toContain('client-key-data')
    expect(stdout.endsWith('\n')).toBe(true)
    expect(stdout.endsWith('\n\n')).toBe(false)
  })

  test('with --path prints the path alone, as a shell wants it', async () => {
    await world.makePlayground('dev')
    expect((await runCommand(Kubeconfig, ['--path'], world)).stdout).toBe(
      '/states/playgrounds/dev/kubeconfig\n',
    )
  })

  test('with --merge makes the context current, and shows no credentials', async () => {
    await world.makePlayground('dev')
    world.kubeconfigs.current = null
    const { stdout } = await runCommand(Kubeconfig, ['--merge', '--json'], world)
    expect(world.kubeconfigs.current).toBe('play-dev')
    expect(stdout).not.toContain('client-key-data')
  })

  test('does one thing at a time', async () => {
    await world.makePlayground('dev')
    const { stderr, exitCode } = await runCommand(Kubeconfig, ['--merge', '--path'], world)
    expect(exitCode).toBe(2)
    expect(stderr).toContain('--path')
    expect(stderr).not.toContain('The following error')
  })

  test('ends with 4 for a playground that does not exist', async () => {
    expect((await runCommand(Kubeconfig, ['dev'], world)).exitCode).toBe(4)
  })
})

test('play version says which play this is', async () => {
  const { stdout } = await runCommand(Version, [], world)
  expect(stdout).toMatch(/^play\/\d+\.\d+\.\d+ linux-x64 node-v24\.0\.0\n$/)
  const { stdout: json } = await runCommand(Version, ['--json'], world)
  expect(JSON.parse(json)).toMatchObject({
    ok: true,
    result: { node: 'v24.0.0', platform: 'linux', arch: 'x64' },
  })
})
