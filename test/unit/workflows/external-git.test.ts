/** A playground whose platform is in a repository of the person's own. */
import { beforeEach, describe, expect, test } from 'vitest'
// Loaded once and before any clock runs: it takes a second.
import '../../../src/sources/kind/program.ts'
import { componentRegistry } from '../../../src/components/index.ts'
import type { KubeObject } from '../../../src/domain/cluster.ts'
import { removeComponent } from '../../../src/workflows/component.ts'
import { resolveGit } from '../../../src/workflows/external-git.ts'
import { gitClone, gitPush } from '../../../src/workflows/git.ts'
import { kindSource } from '../../../src/sources/kind/index.ts'
import { FakeProcess } from '../../fakes/fake-process.ts'
import { FakeWorld } from '../../fakes/fake-ports.ts'
import { planUp, runDown, runUp } from './verbs.ts'

const url = 'https://git.example.org/me/playground.git'
const git = { url, credentials: '/home/me/token' }
const application = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', namespace: 'argocd' }
const secretRef = { apiVersion: 'v1', kind: 'Secret', namespace: 'argocd', name: 'play-repository' }

let world: FakeWorld
beforeEach(() => {
  world = new FakeWorld()
  world.gitRemotes.add(url)
})

const secret = (): KubeObject | undefined => world.cluster('dev').object(secretRef)
const commits = (branch = 'main'): number => world.gitRemotes.branches.get(`${url}#${branch}`)?.length ?? 0

describe('up with a repository of one’s own', () => {
  test('publishes there, has the cluster read it, and installs no other', async () => {
    const { components } = await runUp(world, { git: { ...git, branch: 'play' } })
    expect(components).not.toContain('git')
    expect(components).toContain('argo-cd')
    expect(commits('play')).toBe(1)
    for (const { spec } of world.cluster('dev').objects(application))
      expect(spec).toMatchObject({ source: { repoURL: url, targetRevision: 'play' } })
    const { id } = world.states.states.get('dev') ?? { id: '' }
    expect(secret()).toMatchObject({
      metadata: {
        labels: {
          'argocd.argoproj.io/secret-type': 'repository',
          'dev.play.component': 'argo-cd',
          'dev.play.root': id,
        },
      },
      data: { url: Buffer.from(url).toString('base64'), password: Buffer.from('hunter2').toString('base64') },
    })
    const kept = JSON.stringify(
      [...world.states.states, ...world.states.files].concat(world.events as never[]),
    )
    expect(kept).not.toMatch(/hunter2|aHVudGVyMg/)
    expect(world.gitRemotes.branches.get(`${url}#play`)?.[0]?.message).not.toMatch(/hunter2|aHVudGVyMg/)
  })

  test('a second time changes nothing, and needs not be told again where it is', async () => {
    await runUp(world, { git })
    expect((await runUp(world)).changed).toEqual([])
    expect(commits()).toBe(1)
    expect(world.states.states.get('dev')?.spec.git).toEqual({ ...git, branch: 'main' })
  })

  test('takes a new token to the cluster, and puts back a deleted one', async () => {
    await runUp(world, { git })
    world.gitRemotes.secret = { username: 'me', password: 'new' }
    expect((await runUp(world)).changed).toEqual(['gitops.access'])
    expect(secret()).toMatchObject({ data: { password: Buffer.from('new').toString('base64') } })
    world.cluster('dev').remove(secretRef)
    expect((await runUp(world)).changed).toEqual(['gitops.access'])
  })

  test('without credentials has the cluster read it as anybody does', async () => {
    await runUp(world, { git: { url } })
    expect(secret()).toBeUndefined()
    expect(commits()).toBe(1)
  })

  test('publishes again what was deleted', async () => {
    await runUp(world, { git })
    world.gitRemotes.branches.clear()
    expect((await runUp(world)).changed).toEqual(['gitops.publish', 'gitops.adopt'])
    expect(commits()).toBe(1)
  })

  test('that cannot be reached makes no cluster, and changes no playground that is there', async () => {
    const elsewhere = { url: 'https://git.example.org/me/none.git' }
    await expect(runUp(world, { git: elsewhere })).rejects.toMatchObject({ id: 'GIT_REFUSED', exitCode: 4 })
    expect(world.engine.containers.size).toBe(0)
    expect(world.states.states.has('dev')).toBe(false)
    await runUp(world)
    await expect(runUp(world, { git: elsewhere })).rejects.toMatchObject({ id: 'GIT_REFUSED' })
    expect(world.states.states.get('dev')).toMatchObject({ phase: 'ready' })
    expect(world.states.states.get('dev')?.spec.git).toBeUndefined()
  })

  test('warns of one that is not encrypted', async () => {
    const plain = 'http://10.0.0.1/playground.git'
    world.gitRemotes.add(plain)
    await runUp(world, { git: { url: plain } })
    expect(JSON.stringify(world.eventsOf('warning'))).toContain(`${plain} is not encrypted`)
  })

  test('by ssh has what reads it know the server', async () => {
    const ssh = 'git@git.example.org:me/playground.git'
    world.gitRemotes.add(ssh)
    world.gitRemotes.secret = { sshPrivateKey: '-----BEGIN' }
    await runUp(world, { git: { ...git, url: ssh } })
    expect(secret()).toMatchObject({ data: { sshPrivateKey: Buffer.from('-----BEGIN').toString('base64') } })
    expect(secret()?.['data']).not.toHaveProperty('password')
  })

  test('can have the one in the cluster as well, and lose it again', async () => {
    const { components } = await runUp(world, { git, with: ['git'] })
    expect(components).toContain('git')
    const registries = { source: kindSource, components: componentRegistry }
    const options = { name: 'dev', component: 'git', timeoutMs: 60_000 }
    await world.run(removeComponent(options, world.ports, registries, world.session()))
    expect(world.states.states.get('dev')?.spec.components).not.toContain('git')
  })

  test('in a dry run writes nothing there', async () => {
    const { wouldRun } = await planUp(world, { git })
    expect(wouldRun).toContain('gitops.publish')
    expect(commits()).toBe(0)
  })
})

describe('what was asked for', () => {
  test('of one repository says nothing of another', () => {
    const former = { url, branch: 'play', credentials: '/token' }
    expect(resolveGit({}, former)).toEqual({ git: former })
    expect(resolveGit({ credentials: '/new' }, former)).toEqual({ git: { ...former, credentials: '/new' } })
    expect(resolveGit({ url: 'https://other.example.org/x' }, former)).toEqual({
      git: { url: 'https://other.example.org/x', branch: 'main' },
    })
    expect(resolveGit(undefined, undefined)).toEqual({})
    expect(() => resolveGit({ branch: 'play' }, undefined)).toThrow('name it with --git URL')
    expect(() => resolveGit({ url: 'git@example.org:x' }, undefined)).toThrow('needs a key to read by ssh')
  })
})

describe('the other verbs', () => {
  const options = { name: 'dev', directory: 'platform', timeoutMs: 60_000 }
  const tools = (): Parameters<typeof gitClone>[1] => ({
    ports: world.ports,
    components: componentRegistry,
    processes: new FakeProcess(),
  })

  test('play git clone takes the branch from its server', async () => {
    await runUp(world, { git: { ...git, branch: 'play' } })
    await world.run(gitClone(options, tools(), world.session()))
    expect(world.gitRemotes.calls).toEqual([['clone', '--quiet', '--branch', 'play', '--', url, 'platform']])
  })

  test('play git push pushes there and waits for the cluster', async () => {
    await runUp(world, { git: { ...git, branch: 'play' } })
    const head = 'c'.repeat(40)
    world.gitRemotes.reply = { stdout: `${head}\n` }
    const cluster = world.cluster('dev')
    const status = { sync: { status: 'Synced', revision: head }, health: { status: 'Healthy' } }
    cluster.whenApplied('Application', ({ metadata: { name } }) => {
      cluster.setStatus({ ...application, name }, status)
    })
    for (const { metadata } of cluster.objects(application))
      cluster.setStatus({ ...application, name: metadata.name }, status)
    expect(await world.run(gitPush(options, tools(), world.session()))).toMatchObject({ head })
    expect(world.gitRemotes.calls.slice(1, 3)).toEqual([
      ['-C', 'platform', 'push', '--quiet', url, 'HEAD:refs/heads/play'],
      ['-C', 'platform', 'update-ref', 'refs/remotes/origin/play', 'HEAD'],
    ])
  })

  test('play down leaves it as it is and says so', async () => {
    await runUp(world, { git })
    expect(await runDown(world)).toMatchObject({ existed: true, kept: url })
    expect(commits()).toBe(1)
    await runUp(world, { git })
    expect(commits()).toBe(2)
  })
})
