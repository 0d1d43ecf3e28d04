import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../../../src/engine/events.ts'
import { reportModel } from '../../../../src/ui/report/make-report.ts'
import { reportPage } from '../../../../src/ui/report/report-page.ts'
import type { ReportFacts } from '../../../../src/ui/report/report-model.ts'
import { facts, sampleRuns } from './sample-runs.ts'

const runs = Object.entries(sampleRuns)

function pageOf(events: readonly RunEvent[], known: ReportFacts | undefined = facts): string {
  return reportPage(reportModel(events, { facts: known, version: '0.1.0' }))
}

/** Tags with the names of their attributes: what a reader of the page takes for structure. */
function structure(page: string): string[] {
  const tags = page.match(/<[a-z/!][^\s>]*(?:\s+[\w:-]+(?:="[^"]*")?)*\s*\/?>/gi) ?? []
  return tags.map((tag) => tag.replaceAll(/="[^"]*"/g, ''))
}

/** Every text that comes from outside, `turn`ed; what the program itself depends on stays. */
function turnTexts<Value>(value: Value, turn: (text: string) => string): Value {
  const fixed = new Set(['type', 'time', 'phase', 'createdAt', 'startedAt', 'finishedAt'])
  const visit = (one: unknown, key: string): unknown => {
    if (typeof one === 'string') return fixed.has(key) || one.startsWith('http://') ? one : turn(one)
    if (Array.isArray(one)) return one.map((item) => visit(item, key))
    if (typeof one !== 'object' || one === null) return one
    return Object.fromEntries(Object.entries(one).map(([name, item]) => [name, visit(item, name)]))
  }
  return visit(value, '') as Value
}

const hostile = [
  '</script><script>alert(1)</script>',
  '</pre></details><img src=x onerror=alert(1)>',
  '" onmouseover="alert(1)',
  "' style='position:fixed",
  '</style><link rel=stylesheet href=//evil>',
  '<!-- ',
  '&lt;b&gt;&#60;b>',
  '${0}$&$1`',
  '</title></head>',
]

describe('the page', () => {
  it.each(runs)('of %s asks nobody for anything and runs nothing', (_, run) => {
    const page = pageOf(run())

    expect(page).toContain(`content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;;`)
    expect(page).not.toMatch(/<(script|link|iframe|img|object|embed|base|form)\b|\son\w+=|\ssrc=|@import/i)
    const addresses = [...page.matchAll(/(?:href|url)[=(]"?([^")]*)/g)].map(([, address]) => address)
    expect(addresses.filter((one) => one?.startsWith('#') !== true)).toEqual(
      page.includes('30080') ? ['http://127.0.0.1:30080/app'] : [],
    )
  })

  it.each(runs)('of %s has each id once, and what links go to is there', (_, run) => {
    const page = pageOf(run())

    const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const missing = [...page.matchAll(/href="#([^"]*)"/g)].filter(([, id]) => !ids.includes(id))
    expect(missing).toEqual([])
  })

  it.each(hostile)('keeps its structure whatever texts are: %s', (text) => {
    for (const [, run] of runs) {
      const turn = (one: string, by: string): string => `${one}${by}`
      const page = (by: string): string =>
        pageOf(
          turnTexts(run(), (one) => turn(one, by)),
          turnTexts(facts, (one) => turn(one, by)),
        )

      expect(structure(page(text))).toEqual(structure(page(' harmless')))
    }
  })

  it('makes a link of web addresses only', () => {
    const outputs = { good: 'https://example.org/a?b=1&c=2', bad: 'javascript:alert(1)', odd: 'http://a b' }
    const events = sampleRuns.success().map((event): RunEvent => {
      return event.type === 'run.succeeded' ? { ...event, result: { outputs } } : event
    })

    const page = pageOf(events)

    expect(page).toContain('href="https://example.org/a?b=1&amp;c=2"')
    expect(page).not.toMatch(/href="(javascript|http:)/)
  })

  it('opens the log of what failed, and no other', () => {
    const page = pageOf(sampleRuns.failure())

    const open = [...page.matchAll(/<details[^>]* open[^]*?Log of ([^"]*)"/g)].map(([, name]) => name)
    expect(open).toEqual(['Run the pipeline › test'])
  })

  it('tells how many lines of a log were left out', () => {
    expect(pageOf(sampleRuns.matrix())).toContain('400 earlier lines not kept.')
  })
})
