/** The port of the timer by which the system removes expired playgrounds while nobody types. */

/** A file of the timer. */
export interface TimerFile {
  /** Absolute. */
  readonly path: string
  readonly text: string
}

/** What came of it. */
export interface TimerChange {
  /** Paths that were written or removed. */
  readonly changed: readonly string[]
  /** Why systemd did not take note; undefined where it did. */
  readonly refusal?: string
}

/** A user's timer of systemd, which runs `play gc --expired --yes` every 15 minutes; and the same for cron. */
export interface GcTimer {
  /** As they would be written. */
  readonly files: readonly TimerFile[]
  /** For `crontab -e`. */
  readonly cronLine: string
  /** Paths of the files that are there. */
  installed(): Promise<readonly string[]>
  /** Writes the files and starts the timer. Throws FIX_FAILED where they cannot be written or are not play's. */
  install(signal: AbortSignal): Promise<TimerChange>
  /** Stops the timer and removes the files; without any it does nothing. Throws FIX_FAILED. */
  uninstall(signal: AbortSignal): Promise<TimerChange>
}
