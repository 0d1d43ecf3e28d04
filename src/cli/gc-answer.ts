/** The answers of `play gc`: what is removed is shown before anybody is asked, and the timer is written only after a yes. */
import { findGarbage, removeGarbage, type GcOptions } from '../workflows/gc.ts'
import type { App } from './app.ts'
import type { Answer } from './play-command.ts'
import { garbageLines, isForMachine } from './views.ts'

/** How far it goes. */
export interface GcConsent {
  readonly dryRun: boolean
  readonly yes: boolean
}

/** Finds garbage and, after a yes, removes it. Throws CONFIRM_NEEDED where nobody can be asked. */
export async function gcAnswer(options: GcOptions, { dryRun, yes }: GcConsent, app: App): Promise<Answer> {
  const { ports, registries, signal } = app
  const session = (subject: string): ReturnType<App['session']> => app.session(subject, 'play gc')
  const { source, inventory } = registries
  const { found, errors } = await findGarbage(options, { ports, source, inventory, session, signal })
  const rows = found.map(({ row }) => row)
  if (rows.length === 0) return { result: [], lines: errors.length > 0 ? [] : ['Nothing to remove.'], errors }
  const lines = await garbageLines(rows, app)
  if (dryRun) return { result: rows, lines, errors }
  if (!yes && lines.length > 0) app.stderr(`${lines.join('\n')}\n`)
  const what = rows.length === 1 ? 'this' : `these ${String(rows.length)}`
  if (!(await app.prompter.confirm(`Remove ${what}?`)))
    return { result: [], lines: ['Nothing was removed.'], errors }
  const removed = await removeGarbage(found, signal)
  return {
    result: removed.found,
    lines: await garbageLines(removed.found, app),
    errors: [...errors, ...removed.errors],
  }
}

/** Shows the timer; with a yes it writes it. */
export async function installAnswer({ yes }: Pick<GcConsent, 'yes'>, app: App): Promise<Answer> {
  const timer = await app.gcTimer()
  const change = yes ? await timer.install(app.signal) : { changed: [] }
  const result = { files: timer.files, cron: timer.cronLine, ...change }
  if (isForMachine(app)) return { result, lines: [] }
  const { timerInstalledView, timerView } = await import('../ui/gc-view.ts')
  return { result, lines: [yes ? timerInstalledView(change, timer) : timerView(timer)] }
}

/** Says what belongs to the timer; with a yes it removes it. */
export async function uninstallAnswer({ yes }: Pick<GcConsent, 'yes'>, app: App): Promise<Answer> {
  const timer = await app.gcTimer()
  const change = yes ? await timer.uninstall(app.signal) : { changed: await timer.installed() }
  if (isForMachine(app)) return { result: { ...change, removed: yes }, lines: [] }
  const { timerRemovedView } = await import('../ui/gc-view.ts')
  return { result: change, lines: [timerRemovedView(change, yes)] }
}
