import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openReportFile } from '../../../src/adapters/report-file.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'play-report-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

describe('the file of a report', () => {
  test('is there at once and holds the page in the end', async () => {
    const path = join(folder, 'report.html')
    const write = await openReportFile(path)
    expect(await readFile(path, 'utf8')).toBe('')
    await write('<p>whole</p>')
    expect(await readFile(path, 'utf8')).toBe('<p>whole</p>')
  })

  test('keeps what it had until there is something new', async () => {
    const path = join(folder, 'report.html')
    await writeFile(path, 'the report of yesterday, which is longer')
    const write = await openReportFile(path)
    expect(await readFile(path, 'utf8')).toContain('yesterday')
    await write('new')
    expect(await readFile(path, 'utf8')).toBe('new')
  })

  test.each(['none/report.html', '.'])('that cannot be written (%s) is refused at once', async (path) => {
    const file = join(folder, path)
    await expect(openReportFile(file)).rejects.toMatchObject({
      ...{ id: 'REPORT_UNWRITABLE', exitCode: 2 },
      message: expect.stringContaining(`The report cannot be written to ${file}: `) as string,
    })
  })

  test('that can no longer be written says so', async () => {
    const write = await openReportFile(join(folder, 'report.html'))
    await rm(folder, { recursive: true })
    await expect(write('late')).rejects.toMatchObject({ id: 'REPORT_UNWRITABLE' })
  })
})
