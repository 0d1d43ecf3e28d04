import { describe, expect, it } from 'vitest'
import { createReportRenderer } from '../../../../src/ui/report/report-renderer.ts'
import { facts, sampleRuns } from './sample-runs.ts'

function setUp() {
  const pages: string[] = []
  const write = (html: string): Promise<void> => {
    pages.push(html)
    return Promise.resolve()
  }
  return { pages, renderer: createReportRenderer({ write, facts: () => facts, version: '0.1.0' }) }
}

describe('a report', () => {
  it.each([
    ['success', 'Succeeded: From push to live'],
    ['failure', 'Failed: From push to live'],
    ['cancelled', 'Stopped: From push to live'],
  ] as const)('of a run with %s is written once, at its end', async (name, title) => {
    const { pages, renderer } = setUp()

    for (const event of sampleRuns[name]()) renderer.onEvent(event)
    expect(pages).toEqual([])
    await renderer.close()
    await renderer.close()

    expect(pages).toHaveLength(1)
    expect(pages[0]).toContain(`<title>${title}</title>`)
  })

  it('is written for a run that ended before anything was known', async () => {
    const pages: string[] = []
    const write = (html: string): Promise<void> => Promise.resolve(void pages.push(html))

    await createReportRenderer({ write, facts: () => undefined, version: '0.1.0' }).close()

    expect(pages[0]).toContain('Nothing tells how it ended.')
  })

  it('tells that it could not be written', async () => {
    const write = (): Promise<void> => Promise.reject(new Error('disk is full'))
    const renderer = createReportRenderer({ write, facts: () => facts, version: '0.1.0' })

    await expect(renderer.close()).rejects.toThrow('disk is full')
  })
})
