/** The commands that change the components of a playground that runs, and their list. */
import { beforeEach, describe, expect, test } from 'vitest'
import ComponentList from '../../commands/component/list.ts'
import ComponentUpgrade from '../../commands/component/upgrade.ts'
import Up from '../../commands/up.ts'
import { runCommand, type Said } from '../fakes/fake-app.ts'
import { FakeWorld } from '../fakes/fake-ports.ts'

let world: FakeWorld
beforeEach(() => {
  world = new FakeWorld()
})

const upgrade = (...argv: string[]): Promise<Said> => runCommand(ComponentUpgrade, argv, world)

/** Has the state say that the component is of another version than this play's. */
async function age(name: string, versions: Readonly<Record<string, string>>): Promise<void> {
  const state = world.states.states.get(name)
  if (state === undefined) throw new Error(`there is no ${name}`)
  await world.states.write({ ...state, versions: { ...state.versions, ...versions } })
}

describe('play component upgrade', () => {
  test('says from which version to which', async () => {
    await runCommand(Up, [], world)
    await age('dev', { 'argo-workflows': '4.0.6' })
    const { stdout, stderr, exitCode } = await upgrade('argo-workflows')
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/argo-workflows +4\.0\.6 → 4\.0\.7/)
    expect(stderr).toContain('Upgrade Argo Workflows 4.0.6 → 4.0.7')
  })

  test('says so where there is nothing to do', async () => {
    await runCommand(Up, [], world)
    const { stdout, exitCode } = await upgrade('argo-workflows')
    expect(exitCode).toBe(0)
    expect(stdout).toContain('has these versions already; nothing was changed')
    expect(stdout).toMatch(/argo-workflows +4\.0\.7/)
  })

  test('takes a name after a component, or after --all', async () => {
    await runCommand(Up, ['workshop'], world)
    await age('workshop', { 'argo-cd': '3.5.0' })
    const versions = async (...argv: string[]): Promise<unknown> =>
      (JSON.parse((await upgrade(...argv, '--json')).stdout) as { result: { versions: unknown } }).result
        .versions
    expect(await versions('argo-cd', 'workshop')).toEqual([{ id: 'argo-cd', from: '3.5.0', to: '3.5.1' }])
    expect(await versions('--all', 'workshop')).toHaveLength(5)
  })

  test('refuses a component that is not there with 4, and one besides --all with 2', async () => {
    await runCommand(Up, [], world)
    const absent = await upgrade('argocd-ui')
    expect(absent.exitCode).toBe(4)
    expect(absent.stderr).toContain('play component add argocd-ui dev')
    expect((await upgrade('--all', 'argo-cd', 'dev')).exitCode).toBe(2)
  })
})

describe('play component list', () => {
  test('shows the version that is there, and the one that would come', async () => {
    await runCommand(Up, [], world)
    await age('dev', { 'argo-workflows': '4.0.6' })
    const { stdout } = await runCommand(ComponentList, [], world)
    expect(stdout).toMatch(/argo-workflows +4\.0\.6 → 4\.0\.7 +yes/)
    expect(stdout).toMatch(/argo-cd +3\.5\.1 +yes/)
    const json = await runCommand(ComponentList, ['--json'], world)
    expect((JSON.parse(json.stdout) as { result: unknown }).result).toContainEqual(
      expect.objectContaining({ id: 'argo-workflows', version: '4.0.7', installedVersion: '4.0.6' }),
    )
  })
})
