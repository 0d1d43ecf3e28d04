/** The one error class: what happened as data, with an exit code and advice. */
import type { ErrorData } from '../engine/events.ts'
import { exitCodes } from './catalog-entry.ts'
import { errorCatalog, type ErrorId, type ErrorParams } from './error-catalog.ts'

/** Extra facts of one occurrence. */
export interface ErrorExtras {
  readonly cause?: unknown
  /** Lines that explain, such as the last output of a tool. Must hold no secrets. */
  readonly details?: readonly string[]
  /** Replaces the catalog's advice where the place knows better. */
  readonly suggestions?: readonly string[]
}

/** An error with an id from the catalog. */
export class PlayError extends Error {
  readonly id: ErrorId
  readonly exitCode: number
  readonly suggestions: readonly string[]
  readonly details: readonly string[]

  private constructor(id: ErrorId, message: string, suggestions: readonly string[], extras: ErrorExtras) {
    super(message, extras.cause === undefined ? undefined : { cause: extras.cause })
    this.name = 'PlayError'
    this.id = id
    this.exitCode = exitCodes[errorCatalog[id].kind]
    this.suggestions = extras.suggestions ?? suggestions
    this.details = extras.details ?? []
  }

  /** Makes the catalogued error `id`; its parameters are typed by the catalog. */
  static of<Id extends ErrorId>(id: Id, params: ErrorParams<Id>, extras: ErrorExtras = {}): PlayError {
    const entry = errorCatalog[id] as {
      message: (params: ErrorParams<Id>) => string
      suggestions: (params: ErrorParams<Id>) => readonly string[]
    }
    return new PlayError(id, entry.message(params), entry.suggestions(params), extras)
  }

  /** The same error with more advice at its end; what it says already is not said twice. */
  advising(more: readonly string[]): PlayError {
    const news = more.filter((line) => !this.suggestions.includes(line))
    if (news.length === 0) return this
    const { id, message, cause, details, suggestions } = this
    const advised = new PlayError(id, message, [...suggestions, ...news], { cause, details })
    if (this.stack !== undefined) advised.stack = this.stack
    return advised
  }

  /** The same as plain data, for events and JSON output. */
  toData(): ErrorData {
    const { id, exitCode, message, suggestions, details } = this
    return { id, exitCode, message, suggestions, details }
  }
}
