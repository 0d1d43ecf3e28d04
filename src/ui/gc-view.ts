/** What `play gc` and `play gc --install` show a person. */
import type { GcTimer, TimerChange } from '../domain/gc-timer.ts'
import type { GarbageRow } from '../domain/results.ts'
import { table, type Column, type ResultOptions } from './results.ts'

/** What goes, or went, and why. */
export function garbageView(rows: readonly GarbageRow[], options: ResultOptions): string {
  const columns: Column<GarbageRow>[] = [
    { header: 'KIND', cell: ({ kind }) => kind, whole: true },
    { header: 'WHAT', cell: ({ what }) => what },
    { header: 'WHY', cell: ({ reason }) => reason },
    {
      header: 'REMOVED',
      cell: ({ removed }) => (removed === undefined ? '' : removed ? 'yes' : 'no'),
      tone: ({ removed }) => (removed === true ? 'good' : 'warning'),
    },
  ]
  const isDone = rows.some(({ removed }) => removed !== undefined)
  return table(rows, isDone ? columns : columns.slice(0, 3), options)
}

/** The timer as it would be written, ready to be copied. */
export function timerView({ files, cronLine }: GcTimer): string {
  return [
    ...files.map(({ path, text }) => `# ${path}\n${text}`),
    `# Or for cron (crontab -e):\n${cronLine}\n`,
    'Nothing was written. Write it and start it: play gc --install --yes',
  ].join('\n')
}

/** After the timer was written. */
export function timerInstalledView({ changed, refusal }: TimerChange, { cronLine }: GcTimer): string {
  const wrote = changed.map((path) => `Wrote ${path}`)
  const end =
    refusal === undefined
      ? [
          'Expired playgrounds are removed every 15 minutes while you are logged in.',
          'At all times: loginctl enable-linger',
        ]
      : [
          `systemd did not start it: ${refusal}`,
          'Start it later: systemctl --user daemon-reload && systemctl --user enable --now play-gc.timer',
          `Or use cron (crontab -e): ${cronLine}`,
        ]
  return [...wrote, ...end].join('\n')
}

/** After the timer was removed, or where it would be. */
export function timerRemovedView({ changed, refusal }: TimerChange, done: boolean): string {
  if (changed.length === 0) return 'There is no timer of play.'
  const files = changed.map((path) => `${done ? 'Removed' : 'Would remove'} ${path}`)
  const told = refusal === undefined ? [] : [`systemd did not take note of it: ${refusal}`]
  return [...files, ...told, ...(done ? [] : ['Remove it: play gc --uninstall --yes'])].join('\n')
}
