/** Looks at a report as people see it: in a real browser, on narrow and wide screens, bright and dark. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createProcessRunner } from '../../src/adapters/execa-process-runner.ts'
import { installMissing } from '../e2e/debian-packages.ts'
import { startChromium, type Page } from './chromium.ts'
import { faint, invisibleBars, overflowing, skippedHeadings } from './page-checks.ts'

/** What a browser makes of a page. */
export interface Sight {
  /** What is wrong with it; nothing should be. */
  readonly problems: readonly string[]
  /** All of its text, closed logs included. */
  readonly text: string
}

/** Installs Chromium from Debian where it is missing, which takes root. */
export async function installChromium(): Promise<void> {
  await installMissing({ chromium: 'chromium' }, createProcessRunner({ env: process.env }))
}

/** Opens a file in a browser of its own, which has ended when this resolves. */
export async function lookAtReport(file: string): Promise<Sight> {
  await installChromium()
  const profile = await mkdtemp(join(tmpdir(), 'play-browser-'))
  const chromium = startChromium(profile)
  try {
    const page = await chromium.newPage()
    const url = pathToFileURL(file).href
    await page.goTo(url)
    const problems = await problemsOf(page, url)
    return { problems, text: String(await page.evaluate('document.body.textContent')) }
  } finally {
    await chromium.close()
    await rm(profile, { recursive: true, force: true })
  }
}

/** What is wrong with the page that was opened at `url`. */
export async function problemsOf(page: Page, url: string): Promise<string[]> {
  const found = [...complaints(page), ...requests(page).filter((one) => one !== url)]
  const check = async (name: string, expression: string): Promise<void> => {
    const list = (await page.evaluate(expression)) as readonly string[]
    found.push(...list.map((one) => `${name}: ${one}`))
  }
  await check('heading skips a level', skippedHeadings)
  for (const width of [390, 800, 1600])
    for (const scheme of ['light', 'dark'] as const) {
      await setScreen(page, width, scheme)
      const where = `${String(width)} pixels, ${scheme}`
      await check(`too wide at ${where}`, overflowing)
      await check(`too faint at ${where}`, faint)
      await check(`not to be seen at ${where}`, invisibleBars)
    }
  return found
}

async function setScreen(page: Page, width: number, scheme: 'light' | 'dark'): Promise<void> {
  const size = { width, height: 844, deviceScaleFactor: 1, mobile: false }
  await page.send('Emulation.setDeviceMetricsOverride', size)
  const features = [{ name: 'prefers-color-scheme', value: scheme }]
  await page.send('Emulation.setEmulatedMedia', { features })
}

/** Everything that the browser complained about. */
function complaints({ events }: Page): string[] {
  const methods = [
    'Log.entryAdded',
    'Runtime.consoleAPICalled',
    'Runtime.exceptionThrown',
    'Audits.issueAdded',
  ]
  return events.filter(({ method }) => methods.includes(method)).map((event) => JSON.stringify(event))
}

/** Everything that the page asked for. */
function requests({ events }: Page): string[] {
  return events
    .filter(({ method }) => method === 'Network.requestWillBeSent')
    .map(({ params }) => (params['request'] as { readonly url: string }).url)
}
