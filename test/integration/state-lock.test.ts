import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createProcessRunner } from '../../src/adapters/execa-process-runner.ts'
import { ownIdentity } from '../../src/adapters/process-identity.ts'
import { acquireLock, type LockRequest } from '../../src/adapters/state-lock.ts'

const processes = createProcessRunner({ env: process.env })
let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'play-lock-'))
  path = join(folder, '.dev.lock')
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

function request(command = 'play up dev'): LockRequest {
  return { path, name: 'dev', command, processes, now: () => Date.UTC(2026, 0, 1, 0, 2) }
}

/** A lock as a process of this machine would have left it, with these differences. */
async function writeLock(differences: Record<string, unknown>): Promise<void> {
  const owner = {
    ...(await ownIdentity(processes)),
    command: 'play up old',
    since: Date.UTC(2026, 0, 1),
    epoch: 'e',
  }
  await writeFile(path, JSON.stringify({ ...owner, ...differences }))
}

/** Number of a process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  return child.pid ?? 0
}

describe('a lock that is there', () => {
  it('of a living process is respected, with its command, number and age', async () => {
    await writeLock({})
    await expect(acquireLock(request())).rejects.toMatchObject({
      id: 'STATE_LOCKED',
      exitCode: 4,
      message: `Playground "dev" is being changed by "play up old" (process ${String(process.pid)}, for 2m00s)`,
    })
  })

  it('of a dead process is taken over', async () => {
    await writeLock({ pid: await deadPid() })
    const lock = await acquireLock(request())
    expect(await readFile(path, 'utf8')).toContain('"play up dev"')
    expect(await readdir(folder)).toEqual(['.dev.lock'])
    await lock.release()
    expect(await readdir(folder)).toEqual([])
  })

  it('of a process whose number was given to another is taken over', async () => {
    await writeLock({ startTime: '1' })
    await (await acquireLock(request())).release()
  })

  it('from before a reboot is taken over', async () => {
    await writeLock({ bootId: 'another' })
    await (await acquireLock(request())).release()
  })

  it.each([
    ['on another host', { host: `not-${hostname()}` }, /on the host not-/],
    ['on another machine of the same name', { machineId: 'another' }, /play cannot see/],
    ['in another container', { pidNamespace: 'pid:[1]' }, /in another container/],
  ])('of a process %s counts as alive', async (_, differences, detail) => {
    await writeLock({ ...differences, pid: await deadPid() })
    await expect(acquireLock(request())).rejects.toMatchObject({
      id: 'STATE_LOCKED',
      details: [expect.stringMatching(detail)],
    })
  })

  it('that does not say whose it is counts as alive', async () => {
    await writeFile(path, '')
    await expect(acquireLock(request())).rejects.toMatchObject({ id: 'STATE_LOCKED' })
  })

  it('is left in place, with nothing beside it, when it is respected', async () => {
    await writeLock({})
    await acquireLock(request()).catch(() => undefined)
    expect(await readdir(folder)).toEqual(['.dev.lock'])
  })

  it('is not taken over while somebody else is at it', async () => {
    await writeLock({})
    const alive = await readFile(path, 'utf8')
    await writeLock({ pid: await deadPid() })
    await writeFile(`${path}.guard`, alive)
    await expect(acquireLock(request())).rejects.toMatchObject({
      id: 'STATE_LOCKED',
      details: [expect.stringContaining('.dev.lock.guard')],
    })
  })
})

describe('what crashes left beside a lock', () => {
  it('is gone once somebody holds it: private files, guards, and the lock of a sweeper', async () => {
    await writeLock({ pid: await deadPid() })
    const text = await readFile(path, 'utf8')
    for (const end of ['guard', 'sweep', '0123456789abcdef', 'sweep.0123456789abcdef'])
      await writeFile(`${path}.${end}`, text)
    await writeFile(`${path}.fedcba9876543210`, '{"pid":')
    const lock = await acquireLock(request())
    expect(await readdir(folder)).toEqual(['.dev.lock'])
    await lock.release()
    expect(await readdir(folder)).toEqual([])
  })

  it('goes though the lock itself was not there', async () => {
    await writeLock({ pid: await deadPid() })
    await rename(path, `${path}.guard`)
    await (await acquireLock(request())).release()
    expect(await readdir(folder)).toEqual([])
  })

  it('stays where it is of the living, and of other locks', async () => {
    await writeLock({})
    const alive = await readFile(path, 'utf8')
    await rm(path)
    const others = ['.dev.lock.0123456789abcdef', '.dev.lock.other', '.dev2.lock']
    for (const name of others) await writeFile(join(folder, name), alive)
    await (await acquireLock(request())).release()
    expect((await readdir(folder)).sort()).toEqual(others)
  })
})

describe('releasing', () => {
  it('leaves the lock of somebody else alone', async () => {
    const lock = await acquireLock(request())
    await writeLock({ pid: 1 })
    await lock.release()
    expect(await readdir(folder)).toEqual(['.dev.lock'])
  })
})

describe('many at once', () => {
  it('have one winner over a dead owner, in every round', async () => {
    const pid = await deadPid()
    for (let round = 0; round < 20; round += 1) {
      await writeLock({ pid, epoch: String(round) })
      const tries = await Promise.allSettled(Array.from({ length: 8 }, () => acquireLock(request())))
      const won = tries.filter((one) => one.status === 'fulfilled')
      expect(won).toHaveLength(1)
      await won[0]?.value.release()
    }
    expect(await readdir(folder)).toEqual([])
  })

  it('have one winner where a crash left a guard as well', async () => {
    const pid = await deadPid()
    for (let round = 0; round < 20; round += 1) {
      await writeLock({ pid, epoch: String(round) })
      await copyFile(path, `${path}.guard`)
      const tries = await Promise.allSettled(Array.from({ length: 8 }, () => acquireLock(request())))
      const won = tries.filter((one) => one.status === 'fulfilled')
      expect(won).toHaveLength(1)
      await won[0]?.value.release()
    }
    expect(await readdir(folder)).toEqual([])
  })

  it('have one winner among processes', async () => {
    const adapters = new URL('../../src/adapters/', import.meta.url).href
    const script = `const { acquireLock } = await import('${adapters}state-lock.ts')
      const { createProcessRunner } = await import('${adapters}execa-process-runner.ts')
      const processes = createProcessRunner({ env: process.env })
      const request = { path: ${JSON.stringify(path)}, name: 'dev', command: 'c', now: () => 0, processes }
      process.stdin.once('data', () => acquireLock(request).then(() => console.log('won'), (e) => console.log(e.id)))
      process.stdin.on('end', () => process.exit())
      console.log('ready')`
    const children = Array.from({ length: 4 }, () =>
      spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] }),
    )
    const lines = (): Promise<unknown[]> => Promise.all(children.map(({ stdout }) => once(stdout, 'data')))
    await lines()
    await writeLock({ pid: await deadPid() })
    const results = lines()
    for (const { stdin } of children) stdin.write('go')
    const words = (await results).map(String).map((text) => text.trim())
    for (const { stdin } of children) stdin.end()
    expect(words.sort()).toEqual(['STATE_LOCKED', 'STATE_LOCKED', 'STATE_LOCKED', 'won'])
  })
})
