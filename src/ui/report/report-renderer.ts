/** A run as one web page that a person keeps or sends: written when the run is over, however it ended. */
import type { Renderer } from '../renderer.ts'
import { modelOf } from './make-report.ts'
import type { ReportFacts } from './report-model.ts'
import { reportPage } from './report-page.ts'
import { RunRecord } from './run-record.ts'

/** What a report needs. */
export interface ReportOptions {
  /** Puts the page where it belongs. */
  readonly write: (html: string) => Promise<void>
  /** Asked once, at the end; undefined where the run ended before they were known. */
  readonly facts: () => ReportFacts | undefined
  /** Version of play. */
  readonly version: string
}

/** Takes all events of one run and writes one page when it is closed; close() rejects only as `write` does. */
export function createReportRenderer(options: ReportOptions): Renderer {
  const record = new RunRecord()
  let closing: Promise<void> | undefined
  const finish = async (): Promise<void> => {
    const model = modelOf(record, { facts: options.facts(), version: options.version })
    await options.write(reportPage(model))
  }
  return {
    onEvent: (event) => {
      if (closing === undefined) record.apply(event)
    },
    close: () => (closing ??= finish()),
  }
}
