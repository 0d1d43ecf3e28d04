import { describe, expect, test } from 'vitest'
import type { PlaygroundState } from '../../../src/domain/playground.ts'
import {
  refuseChanges,
  resolveSpec,
  type Defaults,
  type Wanted,
} from '../../../src/workflows/resolve-spec.ts'

const defaults: Defaults = {
  kubernetesVersion: '1.34.10',
  components: [
    { id: 'argo-cd', byDefault: true, slot: 'gitops', needs: [] },
    { id: 'argo-workflows', byDefault: true, slot: 'pipelines', needs: [] },
    { id: 'extra', byDefault: false, slot: 'registry', needs: [] },
    { id: 'needy', byDefault: false, slot: 'builder', needs: ['registry'] },
  ],
}

function wanted(changes: Partial<Wanted> = {}): Wanted {
  return { name: 'dev', with: [], without: [], ...changes }
}

const former: PlaygroundState = {
  schemaVersion: 1,
  id: '0'.repeat(26),
  spec: { name: 'dev', source: 'kind', kubernetesVersion: '1.33.4', nodes: 3, components: ['argo-cd'] },
  phase: 'ready',
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  cluster: 'play-dev',
  engine: 'docker',
  networkExistedBefore: false,
}

describe('what is made when nothing is there', () => {
  test.each([
    ['by default one node with every component', {}, {}],
    ['as many nodes as asked for', { nodes: 2 }, { nodes: 2 }],
    ['the version asked for', { kubernetesVersion: '1.33.4' }, { kubernetesVersion: '1.33.4' }],
    ['the version without its v', { kubernetesVersion: 'v1.33.4' }, { kubernetesVersion: '1.33.4' }],
    ['not what is left out', { without: ['argo-cd'] }, { components: ['argo-workflows'] }],
    [
      'what is wanted though it is no default',
      { with: ['extra'] },
      { components: ['argo-cd', 'argo-workflows', 'extra'] },
    ],
    [
      'what is needed by what is wanted',
      { with: ['needy'] },
      { components: ['argo-cd', 'argo-workflows', 'extra', 'needy'] },
    ],
    ['nothing if all is left out', { without: ['argo-cd', 'argo-workflows'] }, { components: [] }],
    ['what is wanted besides the defaults once', { with: ['argo-cd'] }, {}],
  ])('%s', (_what, flags, differs) => {
    expect(resolveSpec(wanted(flags), undefined, defaults)).toEqual({
      name: 'dev',
      source: 'kind',
      kubernetesVersion: '1.34.10',
      nodes: 1,
      components: ['argo-cd', 'argo-workflows'],
      ...differs,
    })
  })

  test('is refused when what is needed is left out', () => {
    expect(() => resolveSpec(wanted({ with: ['needy'], without: ['extra'] }), undefined, defaults)).toThrow(
      'needy needs the component extra',
    )
  })

  test('components come in the order of installation, however they were asked for', () => {
    const { components } = resolveSpec(wanted({ with: ['argo-workflows', 'argo-cd'] }), undefined, defaults)
    expect(components).toEqual(['argo-cd', 'argo-workflows'])
  })

  test('wanting and leaving out the same component is refused', () => {
    const attempt = (): unknown =>
      resolveSpec(wanted({ with: ['argo-cd'], without: ['argo-cd'] }), undefined, defaults)
    expect(attempt).toThrow('argo-cd cannot be both wanted and left out')
  })
})

describe('a default that needs another', () => {
  const both: Defaults = {
    ...defaults,
    components: defaults.components.map((each) => ({ ...each, byDefault: true })),
  }
  const componentsOf = (flags: Partial<Wanted>, lacking: readonly string[] = []): readonly string[] =>
    resolveSpec(wanted(flags), undefined, { ...both, lacking }).components

  test.each([
    ['is left out together with it', { without: ['extra'] }, []],
    ['is no default where that is not to be had', {}, ['extra']],
  ])('%s', (_what, flags, lacking) => {
    expect(componentsOf(flags, lacking)).toEqual(['argo-cd', 'argo-workflows'])
  })

  test('stays where the other one is outside', () => {
    const registry = { url: 'https://ghcr.io/me' }
    expect(componentsOf({ without: ['extra'], registry }, ['extra'])).toContain('needy')
  })

  test('stays when it is asked for, with what is not to be had: that is refused later', () => {
    expect(componentsOf({ with: ['needy'] }, ['extra'])).toEqual(expect.arrayContaining(['extra', 'needy']))
    expect(() => componentsOf({ with: ['needy'], without: ['extra'] })).toThrow(
      expect.objectContaining({ id: 'COMPONENT_NEEDED', exitCode: 4 }) as Error,
    )
  })

  test('stays in a playground that has both, whatever the bundle lacks by now', () => {
    const spec = { ...former.spec, components: ['argo-cd', 'extra', 'needy'] }
    expect(resolveSpec(wanted(), { ...former, spec }, { ...both, lacking: ['extra'] })).toEqual(spec)
  })
})

describe('what is there already', () => {
  test('stays as it is when nothing is asked for', () => {
    expect(resolveSpec(wanted(), former, defaults)).toEqual(former.spec)
  })

  test('gets a component that is asked for', () => {
    const { components } = resolveSpec(wanted({ with: ['argo-workflows'] }), former, defaults)
    expect(components).toEqual(['argo-cd', 'argo-workflows'])
  })

  test.each([
    ['nothing', {}],
    ['what it has', { nodes: 3, kubernetesVersion: 'v1.33.4', without: ['argo-workflows'] }],
    ['a further component', { with: ['argo-workflows'] }],
  ])('may be asked for %s', (_what, flags) => {
    expect(() => {
      refuseChanges(wanted(flags), former.spec)
    }).not.toThrow()
  })

  test.each([
    ['other nodes', { nodes: 1 }, 'has nodes: 3, not 1'],
    ['another version', { kubernetesVersion: '1.34.10' }, 'has Kubernetes 1.33.4, not 1.34.10'],
    ['another port', { ports: [{ hostPort: 80, containerPort: 30080 }] }, '80:30080'],
    ['less', { without: ['argo-cd'] }, 'has the components argo-cd, not without argo-cd'],
  ])('cannot become %s in place', (_what, flags, message) => {
    const attempt = (): void => {
      refuseChanges(wanted(flags), former.spec)
    }
    expect(attempt).toThrow(message)
    expect(attempt).toThrow(expect.objectContaining({ id: 'SPEC_CHANGED', exitCode: 4 }) as Error)
  })
})
