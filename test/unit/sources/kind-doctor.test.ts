import { describe, expect, it } from 'vitest'
import type { EngineFacts } from '../../../src/domain/engine-facts.ts'
import { PlayError } from '../../../src/domain/errors.ts'
import { kindQuestions, type KindDoctorPorts } from '../../../src/sources/kind/doctor.ts'
import { runDoctor } from '../../../src/workflows/doctor.ts'
import { FakeEngine } from '../../fakes/fake-engine.ts'
import { FakeMachine, limits } from '../../fakes/fake-machine.ts'

const never = new AbortController().signal
const gib = 1024 ** 3
const conf = '/home/me/.config/play/containers.conf'
const podman: EngineFacts = {
  name: 'podman',
  version: '4.3.1',
  rootless: false,
  cgroup: 2,
  runtime: 'crun',
  memoryBytes: 8 * gib,
}

function ports(
  facts: Partial<EngineFacts> = {},
  differences: Partial<KindDoctorPorts> = {},
): KindDoctorPorts {
  const engine = new FakeEngine(facts.name ?? 'podman')
  return {
    machine: new FakeMachine(),
    engine: () => Promise.resolve(engine),
    engineFacts: () => Promise.resolve({ ...podman, ...facts }),
    containersConf: conf,
    ...differences,
  }
}

async function row(id: string, given: KindDoctorPorts) {
  return (await runDoctor(kindQuestions(given), never)).find((check) => check.id === id)
}

/** A sandbox: hybrid control groups, and limits that cannot be raised. */
function sandbox(): FakeMachine {
  const machine = new FakeMachine()
  machine.files.delete('/sys/fs/cgroup/cgroup.controllers')
  machine.files.set('/proc/self/status', 'CapEff:\t000001fffeffffff\n')
  machine.files.set('/proc/self/limits', limits('20000', '96365'))
  return machine
}

const noEngine: Partial<KindDoctorPorts> = {
  engine: () => Promise.reject(PlayError.of('ENGINE_MISSING', { looked: ['docker', 'podman'] })),
}

describe('a machine that has everything', () => {
  it('has nothing to fix', async () => {
    const rows = await runDoctor(kindQuestions(ports()), never)
    expect(rows.map(({ id, status, fix }) => `${id} ${status} ${fix}`)).toEqual([
      'engine ok ',
      'engine.disk ok ',
      'memory ok ',
      'engine.settings ok ',
      'modules ok ',
      'inotify ok ',
    ])
  })

  it('is not asked about Linux elsewhere', async () => {
    const machine = new FakeMachine()
    machine.platform = 'darwin'
    const rows = await runDoctor(kindQuestions(ports({}, { machine })), never)
    expect(rows.map(({ id }) => id)).toEqual(['engine', 'engine.disk', 'memory'])
  })

  it('is asked for its engine once', async () => {
    let asked = 0
    const engine = new FakeEngine()
    const count = () => {
      asked += 1
      return Promise.resolve(engine)
    }
    await runDoctor(kindQuestions(ports({}, { engine: count })), never)
    expect(asked).toBe(1)
  })
})

describe('the container engine', () => {
  it('is told with version, mode, control groups and runtime', async () => {
    expect((await row('engine', ports()))?.found).toBe('podman 4.3.1, as root, cgroup v2, crun')
  })

  it('can be installed by play on Debian as root, and by hand elsewhere', async () => {
    expect(await row('engine', ports({}, noEngine))).toMatchObject({
      status: 'missing',
      fix: 'play doctor --fix',
    })
    const machine = new FakeMachine()
    machine.isRoot = false
    const found = await row('engine', ports({}, { ...noEngine, machine }))
    expect(found?.fix).toContain('https://docs.docker.com/engine/install')
  })

  it('that does not answer has to be started', async () => {
    const engine = () => Promise.reject(PlayError.of('ENGINE_DOWN', { engine: 'docker' }))
    expect(await row('engine', ports({}, { engine }))).toMatchObject({
      status: 'missing',
      fix: expect.stringContaining('systemctl start docker') as string,
    })
  })

  it.each([
    [{ name: 'docker', version: '20.10.24+dfsg1' }, 'ok'],
    [{ name: 'docker', version: '19.03.1' }, 'warning'],
    [{ name: 'podman', version: '4.2.0' }, 'warning'],
    [{ name: 'podman', version: '5.0.0' }, 'ok'],
    [{ rootless: true, cgroup: 2 }, 'ok'],
    [{ rootless: true, cgroup: 1 }, 'missing'],
  ] as const)('%o is %s', async (facts, status) => {
    expect(await row('engine', ports(facts))).toMatchObject({ status })
  })
})

describe('room', () => {
  it.each([
    [11, 'ok'],
    [8, 'warning'],
    [5, 'missing'],
  ])('of %d GiB on the disk of the engine is %s', async (free, status) => {
    const engine = new FakeEngine()
    engine.space = { path: '/var/lib/podman', freeBytes: free * gib }
    expect(await row('engine.disk', ports({}, { engine: () => Promise.resolve(engine) }))).toMatchObject({
      status,
    })
  })

  it.each([
    [8, 'ok'],
    [3, 'warning'],
    [1, 'missing'],
  ])('of %d GiB in the memory of the engine is %s', async (memory, status) => {
    expect(await row('memory', ports({ memoryBytes: memory * gib }))).toMatchObject({ status })
  })

  it('in memory is that of the machine when no engine answers', async () => {
    expect(await row('memory', ports({}, noEngine))).toMatchObject({ status: 'ok', found: '16.0 GiB' })
  })

  it('that nobody can tell is a warning', async () => {
    expect(await row('engine.disk', ports({}, noEngine))).toMatchObject({ status: 'warning' })
  })
})

describe('settings of podman', () => {
  it('are missing where its defaults are not permitted', async () => {
    const found = await row('engine.settings', ports({}, { machine: sandbox() }))
    expect(found).toMatchObject({ status: 'missing', fix: 'play doctor --fix' })
  })

  it.each([
    ['docker', ports({ name: 'docker' }, { machine: sandbox() })],
    ['podman without root', ports({ rootless: true }, { machine: sandbox() })],
    ['podman with settings of the user', ports({}, { machine: sandbox(), userContainersConf: '/mine' })],
  ])('are not needed for %s', async (_, given) => {
    expect(await row('engine.settings', given)).toMatchObject({ status: 'ok', fix: '' })
  })

  it('are the machine’s own when it has any', async () => {
    const machine = sandbox()
    machine.files.set('/etc/containers/containers.conf', '')
    expect(await row('engine.settings', ports({}, { machine }))).toMatchObject({
      status: 'ok',
      found: 'your own: /etc/containers/containers.conf',
    })
  })
})

describe('what kind’s nodes need of the kernel', () => {
  it('is a folder that docker makes by itself and podman does not', async () => {
    const machine = new FakeMachine()
    machine.folders.clear()
    expect(await row('modules', ports({}, { machine }))).toMatchObject({ status: 'missing' })
    expect(await row('modules', ports({ name: 'docker' }, { machine }))).toMatchObject({ status: 'ok' })
  })

  it('is more of inotify than a desktop has', async () => {
    const machine = new FakeMachine()
    machine.files.set('/proc/sys/fs/inotify/max_user_instances', '128\n')
    expect(await row('inotify', ports({}, { machine }))).toMatchObject({
      status: 'warning',
      fix: 'sudo sysctl fs.inotify.max_user_instances=512',
    })
  })
})
