import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { pulumiStacks, stackState } from '../../../src/components/infrastructure/pulumi-stacks.ts'
import type { KubeObject } from '../../../src/domain/cluster.ts'

function stack(status: object | undefined, metadata: object = {}): KubeObject {
  return {
    apiVersion: 'pulumi.com/v1',
    kind: 'Stack',
    metadata: { name: 'site', generation: 2, ...metadata },
    ...(status === undefined ? {} : { status }),
  }
}

function seen(type: string, message: string, more: object = {}): object {
  return { observedGeneration: 2, conditions: [{ type, status: 'True', message }], ...more }
}

test.each([
  ['waits for the operator', stack(undefined), 'waiting', ''],
  ['runs', stack(seen('Reconciling', 'update in progress')), 'running', 'update in progress'],
  ['has succeeded', stack(seen('Ready', 'done')), 'succeeded', ''],
  [
    'has failed, with the words of the update',
    stack(seen('Stalled', '3 update failures', { lastUpdate: { message: 'no such thing' } })),
    'failed',
    '3 update failures: no such thing',
  ],
  [
    'has failed also while it is tried again',
    stack(
      seen('Reconciling', 'trying again', {
        lastUpdate: { state: 'failed', generation: 2, message: 'no such thing' },
      }),
    ),
    'failed',
    'trying again: no such thing',
  ],
  [
    'runs anew when its success was that of an earlier version',
    stack({ ...seen('Ready', 'done'), observedGeneration: 1 }),
    'running',
    '',
  ],
  [
    'goes, whatever else is said',
    stack(seen('Ready', 'done'), { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    'deleting',
    '',
  ],
])('a Stack %s', (_what, object, phase, message) => {
  expect(stackState(object)).toMatchObject({ phase, message })
})

test('what it answered is told', () => {
  expect(stackState(stack(seen('Ready', '', { outputs: { url: 'x' } }))).outputs).toEqual({ url: 'x' })
})

test('what git holds has no secret, keeps its state on a volume, and destroys what it made', () => {
  const [program, declared] = pulumiStacks.objects({ name: 'site', program: { outputs: { a: 1 } } })
  expect(program).toMatchObject({ kind: 'Program', program: { outputs: { a: 1 } } })
  expect(declared).toMatchObject({
    kind: 'Stack',
    spec: {
      programRef: { name: 'site' },
      destroyOnFinalize: true,
      backend: 'file:///state',
      envRefs: { PULUMI_CONFIG_PASSPHRASE: { type: 'Secret' } },
      workspaceTemplate: {
        spec: {
          podTemplate: { spec: { volumes: [{ persistentVolumeClaim: { claimName: 'pulumi-state' } }] } },
        },
      },
    },
  })
})

test('the guide shows what play declares itself', async () => {
  const guide = await readFile(new URL('../../../docs/infrastructure.md', import.meta.url), 'utf8')
  const text = /```yaml\n(.*?)```/s.exec(guide)?.[1] ?? ''
  const shown = parseAllDocuments(text).map((document) => document.toJS() as KubeObject)
  const { program } = shown[0] as unknown as { program: Record<string, unknown> }
  expect(shown).toEqual(pulumiStacks.objects({ name: 'hello', program }))
})

test('a name that the operator would refuse is refused', () => {
  expect(() => pulumiStacks.objects({ name: 'x'.repeat(43), program: {} })).toThrow(/42/)
})
