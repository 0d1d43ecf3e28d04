/** Playgrounds broken by hand on a real cluster: `down` and `gc` leave nothing all the same, and say how they know. */
import { access, readdir, readFile, rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openCrashSandbox, type CrashSandbox, type Ended } from './crash-sandbox.ts'
import { bareUp } from './perform.ts'

const name = 'broken'
const node = `play-${name}-control-plane`
const engine = process.env['PLAY_ENGINE'] ?? 'podman'

let sandbox: CrashSandbox
const folder = (): string => join(sandbox.folder, 'state', 'playgrounds', name)

beforeEach(async () => {
  sandbox = await openCrashSandbox(name)
  await sandbox.remember()
})

afterEach(async () => {
  // A test that failed must not fail the next one.
  const left = await sandbox.clean()
  await sandbox.close()
  expect(left).toEqual([])
})

/** A playground that stands. */
async function standing(...more: readonly string[]): Promise<void> {
  const ended = await sandbox.play([...bareUp(name), ...more])
  expect(ended.exitCode, ended.stderr).toBe(0)
}

/** Ended in order, with a certificate, and the witness agrees. */
async function expectGone(ended: Ended): Promise<void> {
  expect(ended.exitCode, ended.stderr).toBe(0)
  expect(await sandbox.verdict()).toBe('empty')
  expect(await sandbox.look()).toEqual([])
}

const down = (...flags: readonly string[]): Promise<Ended> => sandbox.play(['down', name, '--yes', ...flags])

/** Starts play and interrupts it, so often, once the engine runs. */
async function interrupted(args: readonly string[], times: number): Promise<Ended> {
  const run = sandbox.watch(args)
  await vi.waitFor(
    async () => {
      expect(await run.points()).toMatch(/after start pulumi/)
    },
    { timeout: 5 * 60_000, interval: 50 },
  )
  for (let time = 1; time <= times; time += 1) await run.interrupt()
  return run.ended
}

/** Path and content of every file below a folder. */
async function listing(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(file.parentPath, file.name), 'latin1')
      return `${file.parentPath}/${file.name} ${text}`
    }),
  ).then((lines) => lines.sort())
}

describe('Ctrl-C', () => {
  test.each([1, 2])('[row 18] %i times while a cluster is created', async (times) => {
    const ended = await interrupted(bareUp(name), times)
    expect(ended.exitCode, ended.stderr).toBe(130)
    await expectGone(await down())
  })

  test.each([1, 2])('[row 18] %i times while a cluster is removed', async (times) => {
    await standing()
    const ended = await interrupted(['down', name, '--yes'], times)
    expect(ended.exitCode, ended.stderr).toBe(130)
    await expectGone(await down())
  })

  test('[row 18] and then up again: the playground is healthy', async () => {
    expect((await interrupted(bareUp(name), 1)).exitCode).toBe(130)
    await standing()
    expect((await sandbox.play(['status', name])).exitCode).toBe(0)
    await expectGone(await down())
  })
})

describe('down', () => {
  const breakages: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['the cluster is stopped', () => sandbox.tool(engine, ['stop', node])],
    ['the cluster is paused', () => sandbox.tool(engine, ['pause', node])],
    ['the node was removed by hand', () => sandbox.tool(engine, ['rm', '--force', '--volumes', node])],
    ['[row 15] the Pulumi folder is gone', () => rm(join(folder(), 'pulumi'), { recursive: true })],
    ['[row 15] the passphrase is gone', () => rm(join(folder(), 'pulumi', 'passphrase'))],
  ]
  test.each(breakages)('leaves nothing where %s', async (_, breakIt) => {
    await standing()
    await breakIt()
    await expectGone(await down())
  })

  test('refuses a state file that was cut short, and with --force leaves nothing', async () => {
    await standing()
    await truncate(join(folder(), 'state.json'), 40)
    const refused = await down()
    expect(refused.exitCode, refused.stderr).not.toBe(0)
    expect(await sandbox.tool(engine, ['ps', '--format', '{{.Names}}'])).toContain(node)
    await expectGone(await down('--force'))
  })

  test('--dry-run changes nothing', async () => {
    await standing()
    const before = await listing(folder())
    const kubeconfig = await readFile(join(sandbox.folder, 'kubeconfig'), 'utf8')
    expect((await down('--dry-run')).exitCode).toBe(0)
    expect(await listing(folder())).toEqual(before)
    expect(await readFile(join(sandbox.folder, 'kubeconfig'), 'utf8')).toBe(kubeconfig)
    expect(await sandbox.tool(engine, ['ps', '--format', '{{.Names}}'])).toContain(node)
    expect(await sandbox.verdict()).toBeUndefined()
    await expectGone(await down())
  })

  test('[row 20] may be run again and again, and of what never was it writes nothing', async () => {
    expect((await down()).exitCode).toBe(0)
    expect(await sandbox.verdict()).toBeUndefined()
    expect(await sandbox.look()).toEqual([])
    await standing()
    await expectGone(await down())
    const certificates = join(sandbox.folder, 'state', 'certificates')
    const after = await listing(certificates)
    await expectGone(await down())
    expect(await listing(certificates)).toEqual(after)
  })
})

describe('gc', () => {
  test('[row 25] finds a cluster whose folder was deleted, and removes it only with consent', async () => {
    await standing()
    await rm(folder(), { recursive: true })
    await sandbox.play(['gc', '--dry-run'])
    expect(await sandbox.tool(engine, ['ps', '--format', '{{.Names}}'])).toContain(node)
    const ended = await sandbox.play(['gc', '--yes'])
    expect(ended.exitCode, ended.stderr).toBe(0)
    // Who made the network that all kind clusters share was written in that folder alone.
    const left = await sandbox.look()
    expect(left.filter((finding) => !/ network: kind$/.test(finding))).toEqual([])
    if (left.length > 0) await sandbox.tool(engine, ['network', 'rm', 'kind'])
  })

  test('[row 27] removes a playground whose time is over', async () => {
    await standing('--ttl', '1s')
    await expectGone(await sandbox.play(['gc', '--expired', '--yes']))
    await expect(access(folder())).rejects.toThrow()
  })
})

test('[row 42] up --on-failure=rollback leaves nothing of an up that failed in the middle', async () => {
  // Not by a short --timeout: the removal would have to do with it, too.
  const failing = { victim: 'plugin', point: 1, delayMs: 3000 } as const
  const ended = await sandbox.crash([...bareUp(name), '--on-failure', 'rollback'], failing)
  expect(ended.log.kill, 'the plug-in was killed').toBeDefined()
  expect(ended.exitCode, ended.stderr).toBeGreaterThan(0)
  expect(await sandbox.verdict()).toBe('empty')
  expect(await sandbox.look()).toEqual([])
})
