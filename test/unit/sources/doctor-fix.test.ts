import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../../src/engine/events.ts'
import { createEmitter } from '../../../src/engine/events.ts'
import { noLedger } from '../../../src/engine/ledger.ts'
import { runPlan, type RunOutcome } from '../../../src/engine/run-plan.ts'
import {
  canInstall,
  planDoctorFix,
  type DoctorFix,
  type DoctorFixOptions,
} from '../../../src/sources/kind/doctor-fix.ts'
import { containersConf } from '../../../src/sources/kind/podman-settings.ts'
import { toErrorData } from '../../../src/workflows/session.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'
import { FakeMachine, limits } from '../../fakes/fake-machine.ts'
import { FakeProcess } from '../../fakes/fake-process.ts'

const never = new AbortController().signal
const conf = '/root/.config/play/containers.conf'
const packages = ['podman', 'runc', 'netavark', 'aardvark-dns', 'conmon', 'iptables', 'uidmap']
const query = ['dpkg-query', '--show', '--showformat', '${Package} ${db:Status-Status}\\n', ...packages]

/** What dpkg-query says with these packages installed; it fails when it does not know one. */
function installed(...names: readonly string[]) {
  const known = names.map((name) => `${name} installed\n`).join('')
  return { exitCode: names.length < packages.length ? 1 : 0, stdout: `${known}uidmap-doc not-installed\n` }
}

function options(differences: Partial<DoctorFixOptions>): DoctorFixOptions {
  return {
    machine: new FakeMachine(),
    processes: new FakeProcess().allow(query, installed(...packages)),
    containersConf: conf,
    dockerAnswers: false,
    signal: never,
    ...differences,
  }
}

function sandbox(): FakeMachine {
  const machine = new FakeMachine()
  machine.files.delete('/sys/fs/cgroup/cgroup.controllers')
  machine.files.set('/proc/self/status', 'CapEff:\t000001fffeffffff\n')
  machine.files.set('/proc/self/limits', limits('20000', '1000'))
  return machine
}

async function run(fix: DoctorFix | undefined): Promise<{ outcome: RunOutcome; events: RunEvent[] }> {
  if (fix === undefined) throw new Error('there is no plan')
  const events: RunEvent[] = []
  const emit = createEmitter({
    run: 'r',
    subject: 'doctor',
    now: () => 0,
    sink: (event) => events.push(event),
  })
  const clock = new FakeClock()
  const work = runPlan(fix.plan, { emit, clock, ledger: noLedger, signal: never, toErrorData })
  return { outcome: await clock.run(work), events }
}

describe('a machine that can be set up', () => {
  it.each([
    ['ID=debian', true],
    ['ID=ubuntu\nID_LIKE=debian', true],
    ['ID=linuxmint\nID_LIKE="ubuntu debian"', true],
    ['ID=fedora\nVERSION_ID=debian', false],
  ])('is known by its release: %s', async (release, can) => {
    const machine = new FakeMachine()
    machine.files.set('/etc/os-release', `NAME=x\n${release}\n`)
    expect(await canInstall(machine)).toBe(can)
  })

  it('takes root and Linux', async () => {
    const user = new FakeMachine()
    user.isRoot = false
    const mac = new FakeMachine()
    mac.platform = 'darwin'
    expect(await canInstall(user)).toBe(false)
    expect(await canInstall(mac)).toBe(false)
    expect(await planDoctorFix(options({ machine: user }))).toBeUndefined()
  })
})

describe('planning', () => {
  it('finds nothing to do where everything is there', async () => {
    expect(await planDoctorFix(options({}))).toBeUndefined()
  })

  it('leaves a machine with docker alone', async () => {
    expect(await planDoctorFix(options({ machine: sandbox(), dockerAnswers: true }))).toBeUndefined()
  })

  it('says what it would change, and changes nothing', async () => {
    const machine = sandbox()
    machine.folders.clear()
    const processes = new FakeProcess().allow(query, installed('runc', 'iptables'))
    const fix = await planDoctorFix(options({ machine, processes }))
    expect(fix?.changes).toEqual([
      'install podman, netavark, aardvark-dns, conmon, uidmap with apt-get',
      `write ${conf}, which only play uses`,
      'make the folder /lib/modules',
    ])
    expect(machine.files.has(conf)).toBe(false)
    expect(machine.folders.size).toBe(0)
  })

  it('writes no settings beside those of the user', async () => {
    const fix = await planDoctorFix(options({ machine: sandbox(), userContainersConf: '/mine' }))
    expect(fix).toBeUndefined()
  })
})

describe('the plan', () => {
  it('installs what is missing, writes the settings, makes the folder', async () => {
    const machine = sandbox()
    machine.folders.clear()
    const all = installed('runc', 'netavark', 'aardvark-dns', 'conmon', 'iptables', 'uidmap')
    const processes = new FakeProcess()
      .allow(query, all)
      .expect(['apt-get', 'update'], { stdout: 'Hit:1 bookworm\n' })
      .expect(['apt-get', 'install', '--yes', '--no-install-recommends', 'podman'])
    const { outcome, events } = await run(await planDoctorFix(options({ machine, processes })))
    expect(outcome).toMatchObject({ kind: 'succeeded' })
    processes.done()
    expect(processes.calls.at(-1)?.options.env).toEqual({ DEBIAN_FRONTEND: 'noninteractive' })
    expect(machine.files.get(conf)).toBe(
      containersConf({ cgroup: 1, hard: { files: 20_000, processes: 1000 } }),
    )
    expect(machine.modes.get(conf)).toBe(0o644)
    expect(machine.folders.has('/lib/modules')).toBe(true)
    const log = events.filter(({ type }) => type === 'step.log')
    expect(log).toMatchObject([{ step: 'fix.packages', line: 'Hit:1 bookworm', source: 'apt-get' }])
  })

  it('leaves nothing to plan once it has run', async () => {
    const machine = sandbox()
    await run(await planDoctorFix(options({ machine })))
    expect(await planDoctorFix(options({ machine }))).toBeUndefined()
  })

  it('ends with the last words of apt-get and the command to try', async () => {
    const processes = new FakeProcess()
      .allow(query, installed())
      .expect(['apt-get', 'update'], { exitCode: 100, stderr: 'E: Could not get lock\n' })
    const { outcome } = await run(await planDoctorFix(options({ processes })))
    expect(outcome).toMatchObject({
      kind: 'failed',
      error: {
        id: 'FIX_FAILED',
        exitCode: 3,
        details: ['E: Could not get lock'],
        suggestions: ['sudo apt-get update'],
      },
    })
  })
})

describe('settings for podman', () => {
  it('are none where nothing stands in the way', () => {
    expect(containersConf({ cgroup: 2, hard: undefined })).toBeUndefined()
  })

  it('name runc where crun refuses the control groups', () => {
    expect(containersConf({ cgroup: 1, hard: undefined })).toMatch(/\n\[engine\]\nruntime = "runc"\n$/)
    expect(containersConf({ cgroup: 1, hard: undefined })).not.toContain('ulimits')
  })

  it('stay within what the machine permits, and are no higher than needed', () => {
    const text = containersConf({ cgroup: 2, hard: { files: 20_000, processes: 1000 } })
    expect(text).toContain('default_ulimits = ["nofile=4096:4096", "nproc=1000:1000"]')
    expect(text).not.toContain('runtime')
    const unlimited = { files: Number.POSITIVE_INFINITY, processes: Number.POSITIVE_INFINITY }
    expect(containersConf({ cgroup: 2, hard: unlimited })).toContain('nproc=4096:4096')
  })
})
