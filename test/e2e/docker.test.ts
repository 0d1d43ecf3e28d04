/** The same on a real Docker engine, which is what most people have: up, status, down. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startDocker } from './docker-engine.ts'
import { isAsBefore, openSandbox, type Sandbox } from './playground.ts'

const name = 'e2e-docker'
let folder: string
let docker: Awaited<ReturnType<typeof startDocker>>
let sandbox: Sandbox

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'play-docker-'))
  docker = await startDocker(folder)
  sandbox = await openSandbox({ DOCKER_HOST: docker.dockerHost, PLAY_ENGINE: 'docker' })
})

afterAll(async () => {
  await sandbox.play(['down', name, '--force'])
  await sandbox.close()
  await docker.stop()
  await rm(folder, { recursive: true, force: true })
})

describe('on Docker', () => {
  test('up makes a playground', async () => {
    const answer = await sandbox.play(['up', name])
    expect(answer.stderr).not.toMatch(/Error/)
    expect(answer.exitCode).toBe(0)
    expect(await sandbox.tool('kubectl', ['get', 'nodes', '--no-headers'])).toMatch(/\bReady\b/)
  })

  test('status finds it healthy, on docker', async () => {
    const { said, document } = await sandbox.json(['status', name])
    expect(said.exitCode).toBe(0)
    expect(document).toMatchObject({ ok: true, result: { healthy: true, engine: 'docker' } })
  })

  test('down leaves no container, no volume, no network and no context', async () => {
    expect((await sandbox.play(['down', name])).exitCode).toBe(0)
    const left = await Promise.all([
      sandbox.tool('docker', ['ps', '--all', '--quiet']),
      sandbox.tool('docker', ['volume', 'ls', '--quiet']),
      sandbox.tool('docker', ['network', 'ls', '--filter', 'name=^kind$', '--quiet']),
    ])
    expect(left).toEqual(['', '', ''])
    expect(await isAsBefore(sandbox)).toBe(true)
  })
})
