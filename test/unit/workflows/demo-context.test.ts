import { describe, expect, test } from 'vitest'
import { componentRegistry } from '../../../src/components/index.ts'
import type { DemoContext } from '../../../src/domain/demo.ts'
import type { DemoDefinition } from '../../../src/domain/demo-definition.ts'
import type { PlaygroundSpec } from '../../../src/domain/playground.ts'
import { demoContext, requireSlots } from '../../../src/workflows/demo-context.ts'
import { demoFolder } from '../../fakes/demo-stage.ts'
import { FakeWorld } from '../../fakes/fake-ports.ts'

const whole = ['git', 'argo-cd', 'argo-workflows', 'registry', 'buildkit']
const definition: Partial<DemoDefinition> = {
  options: {
    message: { summary: 'what it says', default: 'hello' },
    break: { summary: 'what fails', default: 'no', choices: ['test', 'build'] },
  },
}

async function contextOf(
  { components = whole, ...spec }: Partial<PlaygroundSpec>,
  changes: Partial<DemoDefinition>,
  options: Readonly<Record<string, string>> = {},
): Promise<DemoContext> {
  const world = new FakeWorld()
  const kind = { source: 'kind', kubernetesVersion: '1.34.10', nodes: 1 } as const
  const state = await world.makePlayground('dev', { spec: { name: 'dev', ...kind, components, ...spec } })
  const request = { folder: demoFolder({ ...definition, ...changes }), options, timeoutMs: 1000 }
  requireSlots(request.folder, state, componentRegistry)
  return demoContext(
    { ...request, onRun: () => undefined, again: 'play demo shop dev' },
    state,
    { ports: world.ports, components: componentRegistry },
    () => Promise.reject(new Error('nothing is asked of the cluster')),
  )
}

describe('what a demo is given', () => {
  test('are the slots that the playground fills', async () => {
    const context = await contextOf({}, { needs: ['git', 'gitops', 'pipelines', 'registry', 'builder'] })
    expect(context.pipelines?.dialect).toBe('argo-workflows')
    expect(context.gitOps).toBeDefined()
    expect(context.repositories).toBeDefined()
    expect(context.registry?.pushAddress).toBe('registry.registry.svc.cluster.local:5000')
    expect(context.playground.name).toBe('dev')
  })

  test('is the registry of the person’s own where there is one', async () => {
    const registry = { url: 'https://images.example.org/me' }
    const context = await contextOf({ components: ['argo-workflows'], registry }, { needs: ['registry'] })
    expect(context.registry?.pushAddress).toBe('images.example.org/me')
  })

  test.each([
    ['pipelines', ['argo-cd'], 'argo-workflows'],
    ['git', ['argo-workflows'], 'git'],
    ['gitops', ['git'], 'argo-cd'],
    ['registry', ['git'], 'registry'],
    ['builder', ['registry'], 'buildkit'],
  ] as const)('lacks something for %s: the command that adds it is named', async (slot, components, id) => {
    await expect(contextOf({ components }, { needs: [slot] })).rejects.toMatchObject({
      ...{ id: 'COMPONENT_NEEDED', exitCode: 4 },
      message: expect.stringContaining('demo shop') as string,
      suggestions: [`play up dev --with ${id}`],
    })
  })

  test('has no place for repositories where the platform’s is the person’s own', async () => {
    const git = { url: 'https://git.example.org/me/x.git', branch: 'main' }
    const spec = { components: ['argo-cd'], git } as Partial<PlaygroundSpec>
    await expect(contextOf(spec, { needs: ['git'] })).rejects.toMatchObject({
      ...{ id: 'DEMO_UNSUITED', exitCode: 4 },
      message: expect.stringContaining('--git') as string,
    })
  })
})

describe('options of a demo', () => {
  test('have their defaults unless they are given', async () => {
    expect((await contextOf({}, {})).options).toEqual({ message: 'hello', break: 'no' })
    const given = { message: 'anything', break: 'test' }
    expect((await contextOf({}, {}, given)).options).toEqual(given)
    expect((await contextOf({}, {}, { break: 'no' })).options['break']).toBe('no')
  })

  test.each([
    ['mesage', ['--set message=…']],
    ['volume-of-the-whale', ['--set message=…', '--set break=…']],
  ])('named %s are none, and the nearest are offered', async (name, suggestions) => {
    await expect(contextOf({}, {}, { [name]: 'x' })).rejects.toMatchObject({
      ...{ id: 'USAGE_INVALID', exitCode: 2, suggestions },
      message: expect.stringContaining(`This demo has no option "${name}"`) as string,
    })
  })

  test('cannot be what is no choice', async () => {
    await expect(contextOf({}, {}, { break: 'everything' })).rejects.toMatchObject({
      ...{ id: 'USAGE_INVALID', exitCode: 2 },
      message: expect.stringContaining(
        'break cannot be "everything"; it is one of no, test, build',
      ) as string,
    })
  })
})
