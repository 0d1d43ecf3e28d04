/** The StateStore port on files: one private folder per playground, written atomically, one writer at a time. */
import { constants } from 'node:fs'
import { lstat, open, readdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Certificate } from '../domain/certificate.ts'
import { PlayError } from '../domain/errors.ts'
import { parseName } from '../domain/names.ts'
import type { PlaygroundState } from '../domain/playground.ts'
import type { FolderUsage, HeldLock, Journal, ProcessRunner, StateStore, Stray } from '../domain/ports.ts'
import { hasCode, systemReason } from '../domain/system-error.ts'
import { sweepCertificates, writeCertificate } from './certificates.ts'
import { syncFolder, writeDurably } from './durable-file.ts'
import { folderUsage, mayBeThere } from './folder-usage.ts'
import { makePrivateFolder, refuseUnsafeFolder } from './private-folder.ts'
import { parseState } from './state-document.ts'
import { acquireLock, type AcquiredLock } from './state-lock.ts'
import { findStrays, removeStrayFile } from './stray-files.ts'

/** Where the store keeps things, and what it needs to know whether a lock's owner still runs. */
export interface FileStateStoreSettings {
  /** Absolute; made when first written to. */
  readonly stateDir: string
  readonly processes: ProcessRunner
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Opens the journal file at a path; src/journal does, and the composition brings it here. */
  readonly openJournal: (path: string) => Promise<Journal>
}

/**
 * Keeps NAME in `<stateDir>/playgrounds/NAME/state.json` and its lock beside that folder, in `.NAME.lock`,
 * so that removing the folder leaves the lock alone. Folders are 0700, files 0600; symbolic links and
 * folders that others own or can write to are refused. Every method throws USAGE_NAME for what is no name.
 */
export function createFileStateStore(settings: FileStateStoreSettings): StateStore {
  return new FileStateStore(settings)
}

class FileStateStore implements StateStore {
  private readonly settings: FileStateStoreSettings
  private readonly root: string
  private readonly locks = new Map<string, AcquiredLock>()

  constructor(settings: FileStateStoreSettings) {
    this.settings = settings
    this.root = join(settings.stateDir, 'playgrounds')
  }

  folder(name: string): string {
    return join(this.root, parseName(name))
  }

  async list(): Promise<readonly string[]> {
    try {
      await refuseUnsafeFolder(this.root)
      const entries = await readdir(this.root, { withFileTypes: true })
      return entries
        .flatMap((entry) => (entry.isDirectory() && isName(entry.name) ? [entry.name] : []))
        .sort()
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return []
      const suggestions = [
        'Nothing was changed',
        'Make the folder readable, or set PLAY_STATE_DIR to another',
      ]
      throw damaged('', this.root, error, suggestions)
    }
  }

  async read(name: string): Promise<PlaygroundState | undefined> {
    const path = join(this.folder(name), 'state.json')
    try {
      for (const folder of [this.settings.stateDir, this.root, this.folder(name)]) {
        if (!(await refuseUnsafeFolder(folder))) return undefined
      }
      const state = parseState(await readWithoutLinks(path))
      if (state.spec.name !== name) throw new Error(`it is about "${state.spec.name}"`)
      return state
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined
      throw damaged(name, path, error)
    }
  }

  async write(state: PlaygroundState): Promise<void> {
    await this.writePrivate(state.spec.name, 'state.json', `${JSON.stringify(state, null, 2)}\n`)
  }

  async writePrivate(name: string, file: string, text: string): Promise<string> {
    const path = join(this.folder(name), basename(file))
    try {
      await this.makeFolders(name)
      await writeDurably(path, text)
      return path
    } catch (error) {
      throw unwritable(path, error)
    }
  }

  async readPrivate(name: string, file: string): Promise<string | undefined> {
    const path = join(this.folder(name), basename(file))
    try {
      if (!(await refuseUnsafeFolder(this.folder(name)))) return undefined
      return await readWithoutLinks(path)
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined
      throw damaged(name, path, error)
    }
  }

  async exists(name: string): Promise<boolean> {
    const folder = this.folder(name)
    try {
      await lstat(folder)
      return true
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return false
      throw damaged(name, folder, error)
    }
  }

  isThere(folder: string): Promise<boolean> {
    return mayBeThere(folder)
  }

  async usage(name: string): Promise<FolderUsage | undefined> {
    const folder = this.folder(name)
    return folderUsage(folder).catch((error: unknown) => {
      throw damaged(name, folder, error)
    })
  }

  async certify(certificate: Certificate): Promise<string> {
    const { stateDir } = this.settings
    return writeCertificate(stateDir, certificate).catch((error: unknown) => {
      throw error instanceof PlayError ? error : unwritable(join(stateDir, 'certificates'), error)
    })
  }

  async strays(): Promise<readonly Stray[]> {
    return findStrays(this.settings).catch((error: unknown) => {
      throw damaged('', this.root, error, ['play doctor'])
    })
  }

  async removeStray(stray: Stray): Promise<boolean> {
    return removeStrayFile(stray, this.settings).catch((error: unknown) => {
      throw unwritable(stray.path, error)
    })
  }

  async remove(name: string): Promise<void> {
    const folder = this.folder(name)
    try {
      if (!(await refuseUnsafeFolder(folder))) return
      // Removes links inside the folder, never what they point at.
      await rm(folder, { recursive: true })
      await syncFolder(this.root)
    } catch (error) {
      throw unwritable(folder, error)
    }
  }

  async lock(name: string, command: string): Promise<{ release(): Promise<void> }> {
    parseName(name)
    const { processes, now } = this.settings
    const path = join(this.root, `.${name}.lock`)
    try {
      await this.makeFolders()
      const lock = await acquireLock({ path, name, command, processes, now })
      this.locks.set(name, lock)
      await sweepCertificates(this.settings.stateDir, name)
      return { release: () => this.release(name, lock) }
    } catch (error) {
      throw error instanceof PlayError ? error : unwritable(path, error)
    }
  }

  held(name: string): HeldLock | undefined {
    return this.locks.get(name)
  }

  async journal(name: string): Promise<Journal> {
    const path = join(this.folder(name), 'journal.jsonl')
    try {
      await this.makeFolders(name)
      return await this.settings.openJournal(path)
    } catch (error) {
      throw error instanceof PlayError ? error : unwritable(path, error)
    }
  }

  private async release(name: string, lock: AcquiredLock): Promise<void> {
    if (this.locks.get(name) === lock) this.locks.delete(name)
    await lock.release().catch((error: unknown) => {
      throw unwritable(lock.path, error)
    })
  }

  private async makeFolders(name?: string): Promise<void> {
    await makePrivateFolder(this.settings.stateDir)
    await makePrivateFolder(this.root)
    if (name === undefined) return
    await makePrivateFolder(this.folder(name))
    await syncFolder(this.root)
  }
}

async function readWithoutLinks(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

function isName(text: string): boolean {
  try {
    return parseName(text) === text
  } catch {
    return false
  }
}

function damaged(name: string, path: string, error: unknown, suggestions?: readonly string[]): PlayError {
  const params = { name, path, reason: systemReason(error) }
  return PlayError.of('STATE_DAMAGED', params, { cause: error, ...(suggestions && { suggestions }) })
}

function unwritable(path: string, error: unknown): PlayError {
  return PlayError.of('STATE_UNWRITABLE', { path, reason: systemReason(error) }, { cause: error })
}
