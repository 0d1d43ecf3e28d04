import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGcTimer } from '../../../src/adapters/gc-timer.ts'
import type { GcTimer } from '../../../src/domain/gc-timer.ts'
import { FakeProcess, type Reply } from '../../fakes/fake-process.ts'

const { signal } = new AbortController()
const reload = ['systemctl', '--user', 'daemon-reload']
const enable = ['systemctl', '--user', 'enable', '--now', 'play-gc.timer']
const disable = ['systemctl', '--user', 'disable', '--now', 'play-gc.timer']

let home: string
let processes: FakeProcess
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'play-timer-'))
  processes = new FakeProcess()
})
afterEach(async () => {
  await rm(home, { recursive: true })
})

function timer(env: Record<string, string> = {}, places: { node?: string; root?: string } = {}): GcTimer {
  return createGcTimer({
    ...{ env: { PATH: '/usr/bin', ...env }, home, node: '/opt/node/bin/node', root: '/opt/play' },
    ...places,
    ...{ folders: { state: '/s', cache: '/c', config: '/f' }, processes },
  })
}

function textOf(one: GcTimer, name: string): string {
  return one.files.find(({ path }) => path.endsWith(name))?.text ?? ''
}

const folder = (): string => join(home, '.config/systemd/user')

describe('the timer', () => {
  it('runs this very play with this very Node every 15 minutes, with the folders that it has now', () => {
    const service = textOf(timer({ PLAY_ENGINE: 'podman', SECRET: 'x' }), 'play-gc.service')
    expect(service).toContain('ExecStart="/opt/node/bin/node" "/opt/play/bin/run.js" gc --expired --yes\n')
    for (const word of ['PATH=/usr/bin', 'PLAY_ENGINE=podman', 'PLAY_STATE_DIR=/s', 'PLAY_CONFIG_DIR=/f'])
      expect(service).toContain(`Environment="${word}"\n`)
    expect(service).not.toContain('SECRET')
    expect(textOf(timer(), 'play-gc.timer')).toContain('OnCalendar=*:0/15')
  })

  it('quotes paths for systemd: spaces, quotes, percent signs, and dollar signs where they begin a variable', () => {
    const service = textOf(timer({}, { node: '/a b/n"o%d$e', root: '/$HOME\\x' }), 'play-gc.service')
    expect(service).toContain('ExecStart="/a b/n\\"o%%d$e" "/$$HOME\\\\x/bin/run.js" gc')
  })

  it('quotes paths for cron', () => {
    const { cronLine } = timer({ PATH: "/it's" }, { node: '/50%/node' })
    expect(cronLine).toMatch(
      /^\*\/15 \* \* \* \* PATH='\/it'\\''s' .*'\/50\\%\/node' '\/opt\/play\/bin\/run.js' gc/,
    )
  })

  it('lies where XDG_CONFIG_HOME says, if that is a path', () => {
    expect(timer({ XDG_CONFIG_HOME: '/x' }).files[0]?.path).toBe('/x/systemd/user/play-gc.service')
    expect(timer({ XDG_CONFIG_HOME: 'x' }).files[0]?.path).toBe(join(folder(), 'play-gc.service'))
  })
})

describe('installing it', () => {
  it('writes both files and starts the timer; uninstalling leaves nothing', async () => {
    processes.expect(reload).expect(enable).expect(disable).expect(reload)
    const one = timer()
    expect(await one.install(signal)).toEqual({ changed: one.files.map(({ path }) => path) })
    expect(await readFile(one.files[0]?.path ?? '', 'utf8')).toBe(one.files[0]?.text)
    expect(await one.installed()).toHaveLength(2)
    expect((await one.uninstall(signal)).changed).toHaveLength(2)
    expect(await readdir(folder())).toEqual([])
    processes.done()
  })

  it.each<[string, Reply, string]>([
    ['is not there', 'missing', 'there is no systemctl'],
    [
      'does not answer',
      { exitCode: 1, stderr: 'Failed to connect to bus\nmore' },
      'Failed to connect to bus',
    ],
    ['hangs', 'hangs', 'timed out'],
  ])('says so where systemd %s, and the files are there all the same', async (_what, reply, text) => {
    processes.expect(reload, reply)
    const { refusal } = await timer().install(signal)
    expect(refusal).toContain(text)
    expect(await readdir(folder())).toEqual(['play-gc.service', 'play-gc.timer'])
  })

  it('leaves files of somebody else alone', async () => {
    const one = timer()
    const path = one.files[1]?.path ?? ''
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, '[Timer]\n')
    await expect(one.install(signal)).rejects.toMatchObject({ id: 'FIX_FAILED' })
    expect(await one.uninstall(signal)).toEqual({ changed: [] })
    expect(await readdir(folder())).toEqual(['play-gc.timer'])
    expect(processes.calls).toEqual([])
  })

  it('fails where the folder cannot be written', async () => {
    await writeFile(join(home, '.config'), '')
    await expect(timer().install(signal)).rejects.toMatchObject({ id: 'FIX_FAILED', exitCode: 3 })
  })
})
