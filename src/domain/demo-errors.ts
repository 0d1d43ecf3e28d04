/** What can go wrong with demos, before and while they run. */
import { entry } from './catalog-entry.ts'

/** Part of the catalog; see there. */
export const demoErrors = {
  DEMO_INVALID: entry<{ file: string; line: number; column: number; reason: string }>(
    'usage',
    (p) => `${p.file}:${String(p.line)}:${String(p.column)}: ${p.reason}`,
    () => ['Correct the file. To see a demo that works: play demo copy hello my-demo'],
  ),
  DEMO_COPY_REFUSED: entry<{ directory: string; reason: string }>(
    'conflict',
    (p) => `Nothing is copied to ${p.directory}: ${p.reason}`,
    () => ['Name a folder that is not there yet.'],
  ),
  DEMO_UNSUITED: entry<{ demo: string; name: string; reason: string }>(
    'conflict',
    (p) => `Demo ${p.demo} cannot run on "${p.name}": ${p.reason}`,
    () => ['play demo list'],
  ),
  REPORT_UNWRITABLE: entry<{ file: string; reason: string }>(
    'usage',
    (p) => `The report cannot be written to ${p.file}: ${p.reason}`,
    () => ['Name a file in a folder that is there: --report report.html'],
  ),
  DEMO_FAILED: entry<{ demo: string; reason: string; inspect: string }>(
    'cluster',
    (p) => `Demo ${p.demo} failed: ${p.reason}`,
    (p) => [p.inspect],
  ),
}
