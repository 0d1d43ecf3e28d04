/** A StateStore in memory. */
import { PlayError } from '../../src/domain/errors.ts'
import { parseName } from '../../src/domain/names.ts'
import type { PlaygroundState } from '../../src/domain/playground.ts'
import type { Journal, StateStore } from '../../src/domain/ports.ts'

/** Passes the contract suite of the store on files. */
export class FakeStateStore implements StateStore {
  readonly states = new Map<string, PlaygroundState>()
  /** Files beside the state, by name of the playground and of the file. */
  readonly files = new Map<string, Map<string, string>>()
  /** Every write of a state, in order. */
  readonly writes: PlaygroundState[] = []
  /** Notes in the journals: `intend STEP` and `OUTCOME STEP`, by playground. */
  readonly journals = new Map<string, string[]>()
  /** Playgrounds whose state cannot be read. */
  readonly damaged = new Set<string>()
  private readonly locks = new Map<string, string>()

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
    return (await this.list()).includes(name)
  }

  async lock(name: string, command: string): Promise<{ release(): Promise<void> }> {
    parseName(name)
    const owner = this.locks.get(name)
    if (owner !== undefined) {
      throw PlayError.of('STATE_LOCKED', { name, pid: process.pid, command: owner, age: '1.0s' })
    }
    this.locks.set(name, command)
    const release = (): Promise<void> => {
      if (this.locks.get(name) === command) this.locks.delete(name)
      return Promise.resolve()
    }
    return Promise.resolve({ release })
  }

  async journal(name: string): Promise<Journal> {
    const notes = this.journals.get(parseName(name)) ?? []
    this.journals.set(name, notes)
    const note = (text: string): Promise<void> => {
      notes.push(text)
      return Promise.resolve()
    }
    return Promise.resolve({
      intend: (step) => note(`intend ${step}`),
      settle: (step, outcome) => note(`${outcome} ${step}`),
      close: () => Promise.resolve(),
    })
  }
}
