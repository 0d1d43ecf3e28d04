import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { localMachine } from '../../src/adapters/local-machine.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'play-machine-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

describe('this machine', () => {
  it('tells the room and the right to write where a folder would be made', async () => {
    const later = join(folder, 'not', 'yet')
    expect(await localMachine.freeBytes(later)).toBeGreaterThan(0)
    expect(await localMachine.isWritable(later)).toBe(true)
    await expect(stat(join(folder, 'not'))).rejects.toThrow('ENOENT')
  })

  it('knows what is not there', async () => {
    expect(await localMachine.readText(join(folder, 'none'))).toBeUndefined()
    expect(await localMachine.isFolder(join(folder, 'none'))).toBe(false)
  })

  it('throws for what cannot be read: an error is never absence', async () => {
    await expect(localMachine.readText(folder)).rejects.toThrow('EISDIR')
  })

  it('writes a file with its folder and mode', async () => {
    const path = join(folder, 'config', 'containers.conf')
    await localMachine.writeText(path, 'text\n', 0o644)
    expect(await localMachine.readText(path)).toBe('text\n')
    expect((await stat(path)).mode & 0o600).toBe(0o600)
    expect(await localMachine.isFolder(join(folder, 'config'))).toBe(true)
  })
})
