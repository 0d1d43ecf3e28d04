/** The stack runner with the real Automation API, the real process runner and a stand-in for the program pulumi. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { clusterUrn, diagnostic, passphrase, thrownBy, useStackStage } from '../fakes/stack-stage.ts'

const world = useStackStage()

describe('a stack', () => {
  test('comes up, is refreshed and goes again with one call of pulumi each, and its removal', async () => {
    const stack = world.stage.runner({ up: [{}, {}], destroy: [{}], 'stack rm': [{}] })
    await world.stage.up(stack)
    expect(await stack.resources()).toHaveLength(1)
    await world.stage.up(stack, undefined, true)
    await world.stage.destroy(stack)
    expect(await stack.resources()).toBeUndefined()
    expect(world.stage.story()).toEqual(['up', 'up', 'destroy', 'stack rm'])
    const [first, second, destroy] = world.stage.calls()
    expect(first?.args).toEqual(expect.arrayContaining(['--yes', '--skip-preview', '--non-interactive']))
    expect(first?.args).toEqual(expect.arrayContaining(['--stack', 'dev', '--exec-kind', 'auto.inline']))
    expect(first?.args).not.toContain('--refresh')
    expect(second?.args).toContain('--refresh')
    expect(destroy?.args).toEqual(expect.arrayContaining(['--yes', '--non-interactive', '--stack', 'dev']))
  })

  test('tells what kind does while it is done, from the engine’s own events', async () => {
    const metadata = { op: 'create', type: 'play:index:KindCluster', urn: clusterUrn }
    const events = [
      { resourcePreEvent: { metadata, planning: false } },
      diagnostic('info', '<{%reset%}> • Preparing nodes 📦   ...<{%reset%}>\n', clusterUrn),
      diagnostic('debug', 'registering', clusterUrn),
    ]
    await world.stage.up(world.stage.runner({ up: [{ events }] }))
    expect(world.stage.report.progressed.map(({ text }) => text)).toEqual([
      'create play:index:KindCluster',
      'Preparing nodes',
    ])
  })
})

describe('[row 35] [row 36] the engine’s surroundings', () => {
  test('hold the file of the passphrase and nothing else that is secret or the user’s', async () => {
    await world.stage.up(world.stage.runner({ up: [{}] }))
    const [call] = world.stage.calls()
    const pulumi = Object.entries(call?.env ?? {}).filter(([name]) => name.startsWith('PULUMI_'))
    expect(Object.fromEntries(pulumi)).toEqual({
      PULUMI_AUTOMATION_API: 'true',
      PULUMI_BACKEND_URL: `file://${join(world.stage.folder, 'backend')}`,
      PULUMI_CONFIG_PASSPHRASE_FILE: join(world.stage.folder, 'passphrase'),
      PULUMI_DEBUG_COMMANDS: 'true',
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
      PULUMI_HOME: join(world.stage.folder, 'home'),
      PULUMI_SKIP_UPDATE_CHECK: 'true',
    })
    expect(JSON.stringify(call)).not.toMatch(/secret|correct-horse|s3:/)
    expect(call?.env['PATH']?.split(':')[0]).toBe('/play/bin')
    expect(call?.env['PLAY_KIND']).toBe('/bundle/kind')
    expect(call?.cwd).toBe(join(world.stage.folder, 'work'))
  })

  test('are readable by nobody else, and an existing passphrase is kept', async () => {
    await world.stage.up(world.stage.runner({ up: [{}] }))
    for (const name of ['', 'backend', 'home', 'work'])
      expect((await stat(join(world.stage.folder, name))).mode & 0o777, name).toBe(0o700)
    expect((await stat(join(world.stage.folder, 'passphrase'))).mode & 0o777).toBe(0o600)
    await world.stage.up(world.stage.runner({ up: [{}, {}] }, { newPassphrase: () => 'another' }))
    expect(await readFile(join(world.stage.folder, 'passphrase'), 'utf8')).toBe(passphrase)
  })
})

describe('a run that fails', () => {
  const wall = `${'    at Object.<anonymous> (/sdk/automation/cmd.js:1:1)\n'.repeat(60)}error: update failed\n`

  test('is told in kind’s words, which came as events, not in the noise of the program', async () => {
    const events = [
      diagnostic('info', ' • Preparing nodes 📦   ...', clusterUrn),
      diagnostic('error', 'ERROR: failed to create cluster: no space left on device', clusterUrn),
      diagnostic('error', 'update failed'),
    ]
    const error = await thrownBy(
      world.stage.up(world.stage.runner({ up: [{ events, exitCode: 255, stderr: wall }] })),
    )
    expect(error).toMatchObject({ id: 'KIND_FAILED', exitCode: 5 })
    expect(error.message).toContain('failed to create cluster: no space left on device')
    expect([error.message, ...error.details].join('\n')).not.toMatch(/cmd\.js|code: -2|stdout:|err\?:/)
  })

  test('without events is told in the program’s own last lines', async () => {
    const stderr = 'error: could not load plugin for play provider: no such file\n'
    const error = await thrownBy(world.stage.up(world.stage.runner({ up: [{ exitCode: 255, stderr }] })))
    expect(error).toMatchObject({ id: 'STACK_FAILED', exitCode: 5 })
    expect(error.message).toContain('could not load plugin for play provider: no such file')
  })

  test('because the engine was killed is an error that names the signal, and nothing is written past play', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const events = [diagnostic('info', ' • Preparing nodes 📦   ...', clusterUrn)]
    const error = await thrownBy(world.stage.up(world.stage.runner({ up: [{ events, killed: true }] })))
    expect(error).toMatchObject({ id: 'STACK_FAILED', exitCode: 5 })
    expect(error.message).toContain('signal 9')
    expect(warned.mock.calls).toEqual([])
    warned.mockRestore()
  })

  test('in `stack rm` fails the removal and keeps what is known of the stack', async () => {
    const stack = world.stage.runner({
      up: [{}],
      destroy: [{}],
      'stack rm': [{ exitCode: 255, stderr: 'error: no\n' }],
    })
    await world.stage.up(stack)
    const error = await thrownBy(world.stage.destroy(stack))
    expect(error.id).toBe('STACK_FAILED')
    expect(await stack.resources()).toBeDefined()
  })
})

describe('the program of a stack', () => {
  test('runs in this process, and what it registers needs no outputs', async () => {
    const ran: number[] = []
    const { kindProgram } = await import('../../src/sources/kind/program.ts')
    const inputs = {
      name: 'play-dev',
      nodes: 1,
      kubernetesVersion: '1.34.10',
      image: 'kindest/node:v1.34.10',
    }
    const make = kindProgram({ ...inputs, portMappings: [], mounts: [], containerdConfigPatches: [] })
    await world.stage.up(world.stage.runner({ up: [{ program: true }] }), async () => {
      ran.push(process.pid)
      await make()
    })
    expect(ran).toEqual([process.pid])
  })

  test('that throws fails the run with its words, and leaves no rejection behind', async () => {
    const broken = (): Promise<void> => Promise.reject(new Error('the program is broken'))
    const error = await thrownBy(world.stage.up(world.stage.runner({ up: [{ program: true }] }), broken))
    expect(error.id).toBe('STACK_FAILED')
    expect(error.message).toContain('the program is broken')
  })
})
