/** The Machine port on the machine that runs this process. */
import { access, constants, mkdir, readFile, stat, statfs } from 'node:fs/promises'
import { platform, totalmem } from 'node:os'
import { dirname } from 'node:path'
import type { Machine } from '../domain/machine.ts'
import { hasCode } from '../domain/system-error.ts'
import { writeDurably } from './durable-file.ts'

export const localMachine: Machine = {
  platform: platform(),
  isRoot: process.getuid?.() === 0,
  memoryBytes: totalmem(),
  async freeBytes(path) {
    const { bavail, bsize } = await statfs(await nearestExisting(path))
    return bavail * bsize
  },
  async isWritable(path) {
    try {
      await access(await nearestExisting(path), constants.W_OK)
      return true
    } catch (error) {
      if (hasCode(error, 'EACCES', 'EPERM', 'EROFS')) return false
      throw error
    }
  },
  async readText(path) {
    try {
      return await readFile(path, 'utf8')
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined
      throw error
    }
  },
  async isFolder(path) {
    try {
      return (await stat(path)).isDirectory()
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return false
      throw error
    }
  },
  async makeFolder(path) {
    await mkdir(path, { recursive: true })
  },
  async writeText(path, text, mode) {
    await mkdir(dirname(path), { recursive: true })
    await writeDurably(path, text, mode)
  },
}

/** `path`, or the closest folder above it that is there. */
async function nearestExisting(path: string): Promise<string> {
  try {
    await stat(path)
    return path
  } catch (error) {
    if (!hasCode(error, 'ENOENT') || dirname(path) === path) throw error
    return nearestExisting(dirname(path))
  }
}
