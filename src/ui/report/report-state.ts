/** The states that a report tells apart. */

/** How far something has come; `unfinished` is what still ran when the run ended. */
export type ReportState =
  'succeeded' | 'unchanged' | 'failed' | 'stopped' | 'skipped' | 'unfinished' | 'never'
