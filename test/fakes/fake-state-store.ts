/** A StateStore in memory. */
import { certificateFile, keptCertificates, type Certificate } from '../../src/domain/certificate.ts'
import { PlayError } from '../../src/domain/errors.ts'
import { parseName } from '../../src/domain/names.ts'
import type { PlaygroundState } from '../../src/domain/playground.ts'
import type { FolderUsage, HeldLock, Journal, StateStore, Stray } from '../../src/domain/ports.ts'

/** Passes the contract suite of the store on files. */
export class FakeStateStore implements StateStore {
  readonly states = new Map<string, PlaygroundState>()
  /** Files beside the state, by name of the playground and of the file. */
  readonly files = new Map<string, Map<string, string>>()
  /** Every write of a state, in order. */
  readonly writes: PlaygroundState[] = []
  /** Notes in the journals: `intend STEP`, `OUTCOME STEP` and `closure VOLUME VOLUME`, by playground. */
  readonly journals = new Map<string, string[]>()
  /** Every certificate that was written and is kept, oldest first. */
  readonly certificates: Certificate[] = []
  /** Folders of playgrounds in other state folders that are there. */
  readonly otherFolders = new Set<string>()
  /** What crashed runs left. */
  readonly strayFiles: Stray[] = []
  /** Playgrounds whose state cannot be read. */
  readonly damaged = new Set<string>()
  private readonly locks = new Map<string, HeldLock & { readonly command: string }>()
  private epochs = 0

  folder(name: string): string {
    return `/states/playgrounds/${parseName(name)}`
  }

  list(): Promise<readonly string[]> {
    return Promise.resolve(
      [
        ...new Set(
          [this.states, this.files, this.journals, this.damaged].flatMap((kept) => [...kept.keys()]),
        ),
      ].sort(),
    )
  }

  async read(name: string): Promise<PlaygroundState | undefined> {
    const path = `${this.folder(name)}/state.json`
    if (this.damaged.has(name)) throw PlayError.of('STATE_DAMAGED', { name, path, reason: 'it is empty' })
    return Promise.resolve(this.states.get(name))
  }

  async write(state: PlaygroundState): Promise<void> {
    parseName(state.spec.name)
    // Through JSON, so that what would not survive the disk does not survive here.
    const kept = JSON.parse(JSON.stringify(state)) as PlaygroundState
    this.writes.push(kept)
    this.states.set(state.spec.name, kept)
    this.damaged.delete(state.spec.name)
    return Promise.resolve()
  }

  writePrivate(name: string, file: string, text: string): Promise<string> {
    const files = this.files.get(name) ?? new Map<string, string>()
    this.files.set(name, files.set(file, text))
    return Promise.resolve(`${this.folder(name)}/${file}`)
  }

  readPrivate(name: string, file: string): Promise<string | undefined> {
    return Promise.resolve(this.files.get(name)?.get(file))
  }

  remove(name: string): Promise<void> {
    for (const kept of [this.states, this.files, this.journals, this.damaged]) kept.delete(name)
    return Promise.resolve()
  }

  async exists(name: string): Promise<boolean> {
    parseName(name)
    const kept = [this.states, this.files, this.journals, this.damaged]
    return Promise.resolve(kept.some((each) => each.has(name)))
  }

  async isThere(folder: string): Promise<boolean> {
    const own = (await this.list()).map((name) => this.folder(name))
    return own.includes(folder) || this.otherFolders.has(folder)
  }

  async usage(name: string): Promise<FolderUsage | undefined> {
    if (!(await this.exists(name))) return undefined
    const state = this.states.get(name)
    const texts = [
      ...(this.files.get(name)?.values() ?? []),
      ...(state === undefined ? [] : [JSON.stringify(state)]),
    ]
    return { files: texts.length, bytes: texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) }
  }

  async certify(certificate: Certificate): Promise<string> {
    parseName(certificate.name)
    // Through JSON, so that what would not survive the disk does not survive here.
    this.certificates.push(JSON.parse(JSON.stringify(certificate)) as Certificate)
    this.certificates.splice(0, this.certificates.length - keptCertificates)
    return Promise.resolve(`/states/certificates/${certificateFile(certificate)}`)
  }

  strays(): Promise<readonly Stray[]> {
    return Promise.resolve([...this.strayFiles])
  }

  removeStray({ path }: Stray): Promise<boolean> {
    const index = this.strayFiles.findIndex((stray) => stray.path === path)
    if (index >= 0) this.strayFiles.splice(index, 1)
    return Promise.resolve(index >= 0)
  }

  async lock(name: string, command: string): Promise<{ release(): Promise<void> }> {
    parseName(name)
    const owner = this.locks.get(name)
    if (owner !== undefined) {
      throw PlayError.of('STATE_LOCKED', { name, pid: process.pid, command: owner.command, age: '1.0s' })
    }
    this.epochs += 1
    const held = { command, path: `/states/playgrounds/.${name}.lock`, epoch: `epoch-${String(this.epochs)}` }
    this.locks.set(name, held)
    const release = (): Promise<void> => {
      if (this.locks.get(name) === held) this.locks.delete(name)
      return Promise.resolve()
    }
    return Promise.resolve({ release })
  }

  held(name: string): HeldLock | undefined {
    return this.locks.get(name)
  }

  async journal(name: string): Promise<Journal> {
    const notes = this.journals.get(parseName(name)) ?? []
    this.journals.set(name, notes)
    const closure = 'closure '
    const noted = notes.filter((each) => each.startsWith(closure))
    const knownVolumes = [
      ...new Set(noted.flatMap((each) => each.slice(closure.length).split(' ').filter(Boolean))),
    ]
    const intents = new Set<string>()
    for (const [kind = '', step = ''] of notes.map((each) => each.split(' '))) {
      if (kind === 'intend') intents.add(step)
      else intents.delete(step)
    }
    const open = [...intents]
    const note = (text: string): Promise<void> => {
      notes.push(text)
      return Promise.resolve()
    }
    return Promise.resolve({
      intend: (step) => note(`intend ${step}`),
      settle: (step, outcome) => note(`${outcome} ${step}`),
      closure: (volumes) => note(`${closure}${volumes.join(' ')}`),
      knownVolumes,
      open,
      close: () => Promise.resolve(),
    })
  }
}
