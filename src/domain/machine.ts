/** The machine that play runs on, as far as `play doctor` asks about it and changes it. */

/** Questions and changes. A question throws what the system throws; `undefined` and false mean "not there". */
export interface Machine {
  /** As Node names it: linux, darwin, win32. */
  readonly platform: string
  readonly isRoot: boolean
  readonly memoryBytes: number
  /** Free bytes for this user where `path` is, or would be made. */
  freeBytes(path: string): Promise<number>
  /** Whether this user can write to `path`, or make it where it is not there. */
  isWritable(path: string): Promise<boolean>
  readText(path: string): Promise<string | undefined>
  isFolder(path: string): Promise<boolean>
  /** Makes a folder and what is missing above it. */
  makeFolder(path: string): Promise<void>
  /** Replaces a file as a whole; makes its folder where that is missing. */
  writeText(path: string, text: string, mode: number): Promise<void>
}
