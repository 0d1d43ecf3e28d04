import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/engine/events.ts'
import { reportModel } from '../../src/ui/report/make-report.ts'
import { reportPage } from '../../src/ui/report/report-page.ts'
import { facts, sampleRuns } from '../unit/ui/report/sample-runs.ts'
import { startChromium, type Chromium, type Page } from './chromium.ts'
import { installChromium, lookAtReport, problemsOf } from './look-at-report.ts'

let dir: string
let chromium: Chromium

beforeAll(async () => {
  await installChromium()
  dir = await mkdtemp(join(tmpdir(), 'play-browser-'))
  await mkdir(join(dir, 'profile'))
  chromium = startChromium(join(dir, 'profile'))
})
afterAll(async () => {
  await chromium.close()
  await rm(dir, { recursive: true, force: true })
})

/** A file with a page. */
async function fileWith(name: string, html: string): Promise<string> {
  const file = join(dir, `${name}.html`)
  await writeFile(file, html)
  return file
}

function pageAbout(events: readonly RunEvent[]): string {
  return reportPage(reportModel(events, { facts, version: '0.1.0' }))
}

/** A tab with a page from a file, as a person opens it. */
async function open(name: string, html: string): Promise<{ page: Page; url: string }> {
  const url = pathToFileURL(await fileWith(name, html)).href
  const page = await chromium.newPage()
  await page.goTo(url)
  return { page, url }
}

async function press(page: Page, key: 'Tab' | 'Enter' | ' '): Promise<void> {
  const codes = { Tab: 9, Enter: 13, ' ': 32 }
  const text = { Tab: undefined, Enter: '\r', ' ': ' ' }[key]
  const common = { key, code: key === ' ' ? 'Space' : key, windowsVirtualKeyCode: codes[key] }
  await page.send('Input.dispatchKeyEvent', { type: 'keyDown', ...common, text })
  await page.send('Input.dispatchKeyEvent', { type: 'keyUp', ...common })
}

const count = (page: Page, selector: string): Promise<unknown> =>
  page.evaluate(`document.querySelectorAll('${selector}').length`)

describe.each(['success', 'failure', 'cancelled', 'matrix'] as const)(
  'the report of a run with %s',
  (name) => {
    it('shows headings, bars and graph', async () => {
      const events = sampleRuns[name]()
      const { rows, graphs } = reportModel(events, { facts, version: '0.1.0' })
      const { page } = await open(name, pageAbout(events))

      const headings = await page.evaluate(
        `[...document.querySelectorAll('h2')].map((one) => one.textContent.trim())`,
      )
      const outcome = { success: 'Succeeded', failure: 'Failed', cancelled: 'Stopped', matrix: 'Succeeded' }[
        name
      ]
      expect(headings).toEqual([outcome, 'Timeline', 'Graph', 'Logs', 'Steps'])
      expect(await count(page, '.bar.run')).toBe(rows.filter(({ running }) => running !== undefined).length)
      expect(await count(page, '.node')).toBe(graphs[0]?.graph.nodes.length)
    })

    it('loads nothing, fits every screen, can be read bright and dark', async () => {
      const { page, url } = await open(name, pageAbout(sampleRuns[name]()))

      expect(await problemsOf(page, url)).toEqual([])
    })
  },
)

describe('the report', () => {
  it('opens logs by keyboard', async () => {
    const { page } = await open('keyboard', pageAbout(sampleRuns.success()))
    const log = `document.activeElement.closest('details')`

    for (let tab = 0; tab < 60 && (await page.evaluate(`${log} === null`)) === true; tab += 1)
      await press(page, 'Tab')
    await press(page, 'Enter')
    expect(await page.evaluate(`${log}.open`)).toBe(true)
    await press(page, ' ')
    expect(await page.evaluate(`${log}.open`)).toBe(false)
  })

  it('opens the log of a task whose name is followed, also by keyboard', async () => {
    const { page } = await open('links', pageAbout(sampleRuns.success()))

    await page.evaluate(
      `[...document.querySelectorAll('.row a')].find((one) => one.textContent === 'test').focus()`,
    )
    await press(page, 'Enter')

    const shown = `[...document.querySelectorAll('details[open] pre')].map((one) => one.getAttribute('aria-label'))`
    expect(await page.evaluate(shown)).toEqual(['Log of Run the pipeline › test'])
  })

  it('runs nothing that a log says', async () => {
    const attack =
      '</pre></script><script>window.taken = 1</script><img src=http://127.0.0.1:9/x onerror="taken=1">'
    const events = sampleRuns.failure().map((event): RunEvent => {
      return event.type === 'step.log' ? { ...event, line: attack } : event
    })
    const { page, url } = await open('attack', pageAbout(events))

    expect(await page.evaluate('typeof window.taken')).toBe('undefined')
    expect(await problemsOf(page, url)).toEqual([])
  })
})

describe('the look at a page', () => {
  it('finds text that is faint, bars that cannot be seen, what is too wide, and what is loaded or run', async () => {
    const spoilt = pageAbout(sampleRuns.success())
      .replace(
        '</style>',
        '.note { color: #aaa } .facts { width: 2000px } .step .bar { height: 1px }</style>',
      )
      .replace(
        '</body>',
        '<h2>Deep</h2><h4>Deeper</h4><script>1</script><img src="http://127.0.0.1:9/x" /></body>',
      )

    const { problems, text } = await lookAtReport(await fileWith('spoilt', spoilt))

    const expected = [
      'too faint at 390',
      'not to be seen',
      'too wide at 1600',
      '127.0.0.1:9/x',
      'inline script',
      'skips',
    ]
    expect(expected.filter((one) => !problems.some((problem) => problem.includes(one)))).toEqual([])
    expect(text).toContain('ok 46 - answers case 46')
  })
})
