/** What demos do with repositories, with git itself. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { push } from '../../src/demos/actions/push.ts'
import { stopSteps } from '../../src/demos/demo-stop.ts'
import type { DemoContext } from '../../src/domain/demo.ts'
import type { DemoDefinition, PushAction } from '../../src/domain/demo-definition.ts'
import { argoDefinition, DemoStage, namespaceObject, type StageFiles } from '../fakes/demo-stage.ts'
import { runGit, serveGit } from '../fakes/local-git.ts'

const application = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', namespace: 'argocd' }
const files: StageFiles = {
  'source/main.txt': 'Hello from nobody\nBye\n',
  'source/lib/tea.txt': 'tea\n',
  'break/test/lib/tea.txt': 'coffee\n',
}
const asked: PushAction['push'] = { repository: 'shop', folder: 'source' }
/** The clock of the stage runs ahead of the wall's, and git is real. */
const patient = { timeoutMs: 600_000 }
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'play-git-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

/** A run of the demo; all runs of a test share the repositories. */
function runOf(changes: Partial<DemoContext> = {}, definition: Partial<DemoDefinition> = {}): DemoStage {
  const stage = new DemoStage(definition, files, { ...patient, ...changes })
  serveGit(stage.cluster, folder)
  stage.cluster.put(namespaceObject('argocd'))
  stage.cluster.put(argoDefinition('Application'))
  return stage
}

async function git(...args: string[]): Promise<string> {
  const { exitCode, stdout = '', stderr } = await runGit(['git', '--git-dir', join(folder, 'shop'), ...args])
  if (exitCode !== 0) throw new Error(stderr)
  return stdout.trim()
}

describe('push', () => {
  test('makes the repository with the folder’s files, without a difference to show', async () => {
    const stage = runOf()
    const { commit } = await stage.act(push, { push: asked })
    expect(await git('rev-parse', 'main')).toBe(commit)
    expect(await git('ls-tree', '-r', '--name-only', 'main')).toBe('lib/tea.txt\nmain.txt')
    expect(await git('log', '-1', '--format=%s', 'main')).toBe('Demo shop')
    expect(stage.report.logged).toEqual([])
  })

  test('then commits what differs, with the difference shown and references put in', async () => {
    await runOf().act(push, { push: asked })
    const stage = runOf({ runId: 'run-8' })
    const replace = [{ file: 'main.txt', from: 'nobody', to: '${run.id} $&' }]
    const { commit = '' } = await stage.act(push, {
      push: { ...asked, replace, message: 'Say hello from ${run.id}' },
    })
    expect(await git('rev-parse', 'main')).toBe(commit)
    expect(await git('show', 'main:main.txt')).toBe('Hello from run-8 $&\nBye')
    expect(await git('log', '-1', '--format=%s', 'main')).toBe('Say hello from run-8')
    expect(stage.report.logged).toEqual([
      '@@ -1,2 +1,2 @@',
      '-Hello from nobody',
      '+Hello from run-8 $&',
      ' Bye',
    ])
  })

  test('of what is there already leaves everything as it is, and answers the commit', async () => {
    const first = await runOf().act(push, { push: asked })
    const stage = runOf()
    expect(await stage.act(push, { push: asked })).toEqual(first)
    expect(stage.cluster.calls.filter((call) => call.startsWith('exec'))).toHaveLength(1)
    expect(stage.report.logged).toEqual([])
    expect(await git('rev-list', '--count', 'main')).toBe('1')
  })

  test('shows no more than the beginning of a long difference', async () => {
    await runOf().act(push, { push: asked })
    const replace = [{ file: 'main.txt', from: 'Bye', to: Array.from({ length: 50 }, String).join('\n') }]
    const stage = runOf()
    await stage.act(push, { push: { ...asked, replace } })
    expect(stage.report.logged).toHaveLength(41)
    expect(stage.report.logged.at(-1)).toBe('… and 13 more lines')
  })

  test.each([
    ['test', 'coffee'],
    ['no', 'tea'],
  ])('lays the overlay of the option %s over it, where there is one', async (choice, drink) => {
    const stage = runOf({ options: { break: choice } })
    await stage.act(push, { push: { ...asked, overlay: 'break/${options.break}' } })
    expect(await git('show', 'main:lib/tea.txt')).toBe(drink)
    expect(await git('show', 'main:main.txt')).toContain('nobody')
  })

  test.each(['main.txt', 'none.txt'])('refuses to replace text that %s does not have', async (file) => {
    const replace = [{ file, from: 'somebody', to: 'x' }]
    const stage = runOf()
    await expect(stage.act(push, { push: { ...asked, replace } })).rejects.toMatchObject({
      ...{ id: 'DEMO_INVALID', exitCode: 2 },
      message: `source/${file}:1:1: it has no "somebody" that could be replaced`,
    })
    expect(stage.cluster.calls).toEqual([])
  })

  test('has an application follow the repository, labelled as the demo’s', async () => {
    const stage = runOf()
    const web = { name: 'web', namespace: 'shop', path: 'live' }
    await stage.act(push, { push: { ...asked, application: web } })
    await stage.act(push, { push: { ...asked, application: web } })
    const made = stage.cluster.objects(application)
    expect(made).toHaveLength(1)
    expect(made[0]).toMatchObject({
      metadata: { name: 'web', labels: { 'dev.play/demo': 'shop', 'dev.play.root': 'root-1' } },
      spec: {
        source: { repoURL: 'git://git.git.svc.cluster.local/shop', path: 'live' },
        destination: { namespace: 'shop' },
      },
    })
  })

  test('does not suit a playground without a git of its own', async () => {
    await expect(runOf({ repositories: undefined }).act(push, { push: asked })).rejects.toMatchObject({
      ...{ id: 'DEMO_UNSUITED', message: expect.stringContaining('fills the slot git') as string },
    })
  })
})

test('stopping a demo removes its repositories, and none of another; twice is fine', async () => {
  const steps = ['one', 'two'].map((id) => ({ id, title: id, push: asked }))
  const stage = runOf({}, { steps })
  await stage.play()
  await runOf().act(push, { push: { ...asked, repository: 'other' } })
  const stop = async (): Promise<number | undefined> =>
    (await stage.run(stopSteps(stage.context))).at(-1)?.removed
  expect(await stop()).toBe(1)
  await expect(git('rev-parse', 'main')).rejects.toThrow()
  expect(await runGit(['git', '--git-dir', join(folder, 'other'), 'rev-parse', 'main'])).toMatchObject({
    exitCode: 0,
  })
  expect(await stop()).toBe(0)
})
