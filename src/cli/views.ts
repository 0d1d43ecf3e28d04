/** Answers as lines: loads what draws them only when a person reads. */
import type { Check } from '../domain/check.ts'
import type { DemoResult } from '../domain/demo.ts'
import type {
  ComponentRow,
  DownForecast,
  DownResult,
  DryRun,
  EndpointRow,
  ExtendResult,
  GarbageRow,
  InventoryResult,
  ListRow,
  OpenResult,
  Status,
  UpgradeResult,
  UpResult,
} from '../domain/results.ts'
import type * as DemoViews from '../ui/demo-view.ts'
import type * as UiViews from '../ui/views.ts'
import type { App } from './app.ts'

type Views = typeof UiViews

async function lines(
  app: App,
  draw: (views: Views, options: App['view']) => string,
): Promise<readonly string[]> {
  if (isForMachine(app)) return []
  return draw(await import('../ui/views.ts'), app.view).split('\n')
}

/** Programs get data, and no lines. */
export function isForMachine({ mode }: App): boolean {
  return mode === 'json' || mode === 'ndjson'
}

/** Lines for `up`; a dry run has told its story. */
export async function upLines(result: UpResult | DryRun, app: App): Promise<readonly string[]> {
  return 'wouldRun' in result
    ? []
    : lines(app, (views, options) => views.upView(result, { ...options, now: app.ports.clock.now() }))
}

/** Lines for `down`; of a dry run, what would go. */
export async function downLines(
  results: readonly (DownResult | DownForecast)[],
  app: App,
): Promise<readonly string[]> {
  if (isForMachine(app)) return []
  const ends = results.filter((result) => 'findings' in result)
  const forecasts = results.filter((result) => 'wouldRemove' in result)
  if (forecasts.length === 0) return lines(app, (views, options) => views.downView(ends, options))
  const { forecastView } = await import('../ui/forecast-view.ts')
  return forecastView(forecasts, app.view).split('\n')
}

/** Lines for `status`. */
export async function statusLines(result: Status, app: App): Promise<readonly string[]> {
  if (isForMachine(app)) return []
  const { statusView } = await import('../ui/status-view.ts')
  return statusView(result, { ...app.view, now: app.ports.clock.now() }).split('\n')
}

/** Lines for `open` where nothing is opened. */
export async function endpointLines(
  rows: readonly EndpointRow[],
  name: string,
  app: App,
): Promise<readonly string[]> {
  if (isForMachine(app)) return []
  const { endpointView } = await import('../ui/open-view.ts')
  return endpointView(rows, name, app.view).split('\n')
}

/** Lines for `open` as soon as something is open. */
export async function openedLines(result: OpenResult, app: App): Promise<readonly string[]> {
  const { openedView } = await import('../ui/open-view.ts')
  return openedView(result, app.view).split('\n')
}

/** Lines for `list`. */
export function listLines(rows: readonly ListRow[], app: App): Promise<readonly string[]> {
  return lines(app, (views, options) => views.listView(rows, { ...options, now: app.ports.clock.now() }))
}

/** Lines for `inventory` of one playground, or of all. */
export async function inventoryLines(
  result: InventoryResult,
  name: string | undefined,
  app: App,
): Promise<readonly string[]> {
  if (isForMachine(app)) return []
  const { inventoryView } = await import('../ui/inventory-view.ts')
  return inventoryView(result, { ...app.view, now: app.ports.clock.now(), name }).split('\n')
}

/** A line for `extend`. */
export async function extendLines({ name, expiresAt }: ExtendResult, app: App): Promise<readonly string[]> {
  if (isForMachine(app)) return []
  const { formatExpiry } = await import('../domain/expiry.ts')
  const when =
    expiresAt === null ? 'no longer expires' : `expires ${formatExpiry(expiresAt, app.ports.clock.now())}`
  return [`Playground ${name} ${when}.`]
}

/** Lines for `gc`. */
export async function garbageLines(rows: readonly GarbageRow[], app: App): Promise<readonly string[]> {
  if (isForMachine(app)) return []
  const { garbageView } = await import('../ui/gc-view.ts')
  return garbageView(rows, app.view).split('\n')
}

/** Lines for a demo that ended well. */
export async function demoLines(result: DemoResult, app: App): Promise<readonly string[]> {
  if (isForMachine(app)) return []
  const { demoView } = await import('../ui/demo-view.ts')
  return demoView(result, app.view).split('\n')
}

/** Lines for `demo list`. */
export async function demoListLines(
  rows: Parameters<typeof DemoViews.demoListView>[0],
  app: App,
): Promise<readonly string[]> {
  if (isForMachine(app)) return []
  const { demoListView } = await import('../ui/demo-view.ts')
  return demoListView(rows, app.view).split('\n')
}

/** Lines for `component upgrade`; a dry run has told its story. */
export async function upgradeLines(result: UpgradeResult | DryRun, app: App): Promise<readonly string[]> {
  return 'wouldRun' in result ? [] : lines(app, (views, options) => views.upgradeView(result, options))
}

/** Lines for `component list`. */
export function componentListLines(rows: readonly ComponentRow[], app: App): Promise<readonly string[]> {
  return lines(app, (views, options) => views.componentListView(rows, options))
}

/** Lines for `bundle list` and `bundle pull`. */
export function bundleListLines(
  result: Parameters<Views['bundleListView']>[0],
  app: App,
): Promise<readonly string[]> {
  return lines(app, (views, options) => views.bundleListView(result, options))
}

/** Lines for `bundle verify`. */
export function bundleVerifyLines(
  result: Parameters<Views['bundleVerifyView']>[0],
  app: App,
): Promise<readonly string[]> {
  return lines(app, (views, options) => views.bundleVerifyView(result, options))
}

/** Lines for `doctor`. */
export function doctorLines(checks: readonly Check[], app: App): Promise<readonly string[]> {
  return lines(app, (views, options) => views.doctorView(checks, options))
}
