import { describe, expect, test } from 'vitest'
import type { KindClusterInputs } from '../../../src/pulumi/provider/resources.ts'
import type { FakeProcess, Reply } from '../../fakes/fake-process.ts'
import { inputs } from '../../fakes/cluster-inputs.ts'
import { useProviderStage, commands, urn } from '../../fakes/provider-stage.ts'

const { create, kubelet, list, remove } = commands
const world = useProviderStage()

function expectRun(command: readonly string[], reply?: Reply): void {
  world.stage.runner.fake.expect(command, reply)
}

describe('create', () => {
  test('runs kind with the configuration as its input and a kubeconfig of its own', async () => {
    expectRun(create, { stderr: 'Creating cluster "play-dev" ...\n • Preparing nodes 📦   ...\n\n' })
    expect(await world.stage.provider.create(urn, inputs)).toEqual({
      id: 'play-dev',
      outs: { ...inputs, endpoint: 'https://127.0.0.1:36443', context: 'play-dev' },
    })
    const [call] = world.stage.runner.fake.calls
    expect(JSON.parse(call?.options.input ?? '')).toMatchObject({ kind: 'Cluster', name: 'play-dev' })
    expect(call?.options.env).toEqual({ KIND_EXPERIMENTAL_PROVIDER: 'podman' })
    expect(call?.options.timeoutMs).toBeGreaterThan(60_000)
  })

  test('passes kind’s lines on as they come, without empty ones', async () => {
    expectRun(create, { stderr: ' • Preparing nodes 📦   ...\n\n ✓ Preparing nodes 📦\n' })
    await world.stage.provider.create(urn, inputs)
    expect(world.stage.lines).toEqual([`${urn} • Preparing nodes 📦   ...`, `${urn} ✓ Preparing nodes 📦`])
  })

  test('gives no credentials to the state', async () => {
    world.stage.runner.kubeconfig = 'server: https://127.0.0.1:1\nclient-key-data: c2VjcmV0\n'
    expectRun(create)
    expect(JSON.stringify(await world.stage.provider.create(urn, inputs))).not.toContain('c2VjcmV0')
  })

  test('that fails tells kind’s last lines and the node’s own complaints, and removes what it made', async () => {
    expectRun(create, {
      exitCode: 1,
      stderr: 'Creating cluster\nERROR: failed to create cluster: timed out\n',
    })
    expectRun(kubelet, { stdout: 'I0101 started\nE0101 cannot find cgroup\nlevel=info err="no route"\n' })
    expectRun(remove)
    expectRun(list)
    const error = await world.stage.provider.create(urn, inputs).catch((each: unknown) => each as Error)
    expect((error as Error).message.split('\n')).toEqual([
      'Creating cluster',
      'ERROR: failed to create cluster: timed out',
      'kubelet: E0101 cannot find cgroup',
      'kubelet: level=info err="no route"',
    ])
  })

  test('that fails before there is a node does without its complaints', async () => {
    expectRun(create, { exitCode: 1, stderr: 'ERROR: no such image\n' })
    expectRun(kubelet, 'missing')
    expectRun(remove)
    expectRun(list)
    await expect(world.stage.provider.create(urn, inputs)).rejects.toThrow('ERROR: no such image')
  })

  test('keeps forty lines and cuts long ones', async () => {
    const many = Array.from({ length: 60 }, (_, index) => `line ${String(index)} ${'x'.repeat(1000)}`).join(
      '\n',
    )
    expectRun(create, { exitCode: 1, stdout: many })
    expectRun(kubelet)
    expectRun(remove)
    expectRun(list)
    const error = (await world.stage.provider.create(urn, inputs).catch((each: unknown) => each)) as Error
    const told = error.message.split('\n')
    expect(told).toHaveLength(40)
    expect(told[0]).toMatch(/^line 20 /)
    expect(Math.max(...told.map((line) => line.length))).toBeLessThanOrEqual(300)
  })

  test('never deletes a cluster of that name that was there before', async () => {
    const taken =
      'ERROR: failed to create cluster: node(s) already exist for a cluster with the name "play-dev"'
    expectRun(create, { exitCode: 1, stderr: `${taken}\n` })
    expectRun(kubelet)
    await expect(world.stage.provider.create(urn, inputs)).rejects.toThrow('already exist')
  })

  test('that is cancelled ends, and removes what it made', async () => {
    expectRun(create, 'hangs')
    world.stage.runner.fake.run = runWithoutLimit(world.stage.runner.fake)
    expectRun(remove)
    expectRun(list)
    const creating = world.stage.provider.create(urn, inputs).catch((each: unknown) => each as Error)
    await until(() => world.stage.runner.fake.calls.length > 0)
    await world.stage.provider.cancel()
    expect(await creating).toMatchObject({ message: 'interrupted' })
  })

  test('that takes too long ends, and removes what it made', async () => {
    expectRun(create, 'hangs')
    expectRun(remove)
    expectRun(list)
    await expect(world.stage.provider.create(urn, inputs)).rejects.toThrow(/timed out/)
  })
})

/** A program that hangs ends by its signal only, however long it may take. */
function runWithoutLimit(fake: FakeProcess): FakeProcess['run'] {
  const run = fake.run.bind(fake)
  return (file, args, options) => {
    const { signal, onLine } = options
    return run(file, args, { signal, ...(onLine === undefined ? {} : { onLine }) })
  }
}

/** Lets the event loop turn until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve))
}

describe('read', () => {
  test('finds a cluster by its exact name', async () => {
    expectRun(list, { stdout: 'other\nplay-dev\n' })
    expect(await world.stage.provider.read('play-dev', urn, inputs)).toEqual({
      id: 'play-dev',
      props: inputs,
    })
  })

  test.each(['', 'play-dev-2\nmy-play-dev\n', 'No kind clusters found.\n'])(
    'gives no id for one that is gone: %j',
    async (stdout) => {
      expectRun(list, { stdout })
      expect(await world.stage.provider.read('play-dev', urn, inputs)).toEqual({ id: '', props: {} })
    },
  )

  test('is an error, never "gone", when the question fails', async () => {
    expectRun(list, { exitCode: 1, stderr: 'ERROR: failed to list clusters: cannot connect to podman\n' })
    await expect(world.stage.provider.read('play-dev', urn, inputs)).rejects.toThrow(
      'cannot connect to podman',
    )
    expectRun(list, 'missing')
    await expect(world.stage.provider.read('play-dev', urn, inputs)).rejects.toThrow()
  })
})

describe('delete', () => {
  test('removes the cluster, and one that is not there is fine', async () => {
    expectRun(remove, { stderr: 'Deleting cluster "play-dev" ...\n' })
    expectRun(list)
    await world.stage.provider.delete('play-dev')
    expectRun(remove, { stderr: 'Deleting cluster "play-dev" ...\n' })
    expectRun(list, { stdout: 'No kind clusters found.\n' })
    await world.stage.provider.delete('play-dev')
  })

  test('[row 7] is not believed: a cluster that is still there, or a look that fails, is an error', async () => {
    expectRun(remove)
    expectRun(list, { stdout: 'play-dev\n' })
    await expect(world.stage.provider.delete('play-dev')).rejects.toThrow('it is there')
    expectRun(remove)
    expectRun(list, { exitCode: 1, stderr: 'ERROR: cannot connect to podman\n' })
    await expect(world.stage.provider.delete('play-dev')).rejects.toThrow('cannot connect to podman')
  })

  test('that fails says why', async () => {
    expectRun(remove, { exitCode: 1, stderr: 'ERROR: failed to delete cluster: permission denied\n' })
    await expect(world.stage.provider.delete('play-dev')).rejects.toThrow('permission denied')
  })
})

describe('diff', () => {
  test('sees none in what is the same, in whatever order its fields come', async () => {
    const reordered = {
      ...inputs,
      mounts: [{ readOnly: true, containerPath: '/kind/play-owner', hostPath: '/state/dev/owner-1' }],
    }
    expect(
      await world.stage.provider.diff(
        'play-dev',
        urn,
        { ...inputs, endpoint: 'x' } as KindClusterInputs,
        reordered,
      ),
    ).toMatchObject({
      changes: false,
      replaces: [],
    })
  })

  test('[row 42] of one whose creation failed replaces it, though nothing of it differs', async () => {
    const olds = { ...inputs, incomplete: true }
    expect(await world.stage.provider.diff('play-dev', urn, olds, inputs)).toEqual({
      changes: true,
      replaces: ['name'],
      deleteBeforeReplace: true,
    })
  })

  test.each([
    ['name', 'play-other'],
    ['image', 'kindest/node:v1.35.0'],
    ['nodes', 2],
    ['mounts', []],
    ['portMappings', [{ containerPort: 80, hostPort: 8080 }]],
    ['containerdConfigPatches', ['x']],
  ])('of %s replaces the cluster, the old one first', async (property, value) => {
    expect(
      await world.stage.provider.diff('play-dev', urn, inputs, { ...inputs, [property]: value }),
    ).toEqual({
      changes: true,
      replaces: [property],
      deleteBeforeReplace: true,
    })
  })
})

describe('check', () => {
  test('takes what is complete as it is', async () => {
    expect(await world.stage.provider.check(urn, {}, inputs)).toEqual({ inputs, failures: [] })
  })

  test('names what is missing', async () => {
    const { failures } = await world.stage.provider.check(urn, {}, { nodes: 1 })
    expect(failures?.map(({ property }) => property)).toEqual(['name', 'image', 'kubernetesVersion'])
  })

  test('refuses other types', async () => {
    const { failures } = await world.stage.provider.check(
      'urn:pulumi:dev::play::play:index:Other::x',
      {},
      inputs,
    )
    expect(failures).toEqual([{ property: 'type', reason: 'not a type of play' }])
  })
})

test('nothing is ever changed in place', async () => {
  await expect(world.stage.provider.update()).rejects.toThrow('never changed in place')
})
