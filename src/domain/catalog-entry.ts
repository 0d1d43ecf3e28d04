/** What the catalog of errors is made of: kinds with their exit codes, and entries. */

/** Exit code of each kind of error. 0 is success, 130 and 143 are an interrupt. */
export const exitCodes = {
  bug: 1,
  usage: 2,
  prerequisite: 3,
  conflict: 4,
  source: 5,
  cluster: 6,
  timeout: 7,
  network: 8,
  leftovers: 9,
  unknown: 10,
  interrupted: 130,
} as const

export type ErrorKind = keyof typeof exitCodes

/** What is said of one thing that can go wrong. */
export interface Entry<P> {
  readonly kind: ErrorKind
  readonly message: (params: P) => string
  readonly suggestions: (params: P) => readonly string[]
}

/** Makes an entry; the parameters' type is the entry's own. */
export function entry<P>(
  kind: ErrorKind,
  message: (params: P) => string,
  suggestions: (params: P) => readonly string[] = () => [],
): Entry<P> {
  return { kind, message, suggestions }
}
