import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { cost, cpuOf, percentile, stampLines } from '../../../bench/measure.ts'
import { rowsOf } from '../../../bench/report.ts'

describe('a percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)

  test.each([
    [hundred, 0.95, 95],
    [hundred, 1, 100],
    [[3, 1, 2], 0.95, 3],
    [[7], 0.5, 7],
  ])('of %j at %d is %d', (values, share, expected) => {
    expect(percentile(values, share)).toBe(expected)
  })

  test('of nothing is not a number', () => {
    expect(percentile([], 0.95)).toBeNaN()
  })
})

describe('processor time', () => {
  test('is read from behind a name with spaces and parentheses', () => {
    const stat =
      '4242 (play (node) x) S 1 4242 4242 0 -1 4194560 29187 0 12 0 137 25 4 3 20 0 11 0 8123456 1099137024 25000'
    expect(cpuOf(stat)).toBe(1620)
  })

  test('is not there where nothing is told', () => {
    expect(cpuOf('')).toBeUndefined()
  })
})

describe('lines', () => {
  test('are whole, however they arrive', () => {
    const stream = new PassThrough()
    const lines = stampLines(stream)
    const bytes = Buffer.from('✔ one\n\ntwo\nrest')
    for (const byte of bytes) stream.emit('data', Buffer.from([byte]))
    expect(lines.map(({ text }) => text)).toEqual(['✔ one', '', 'two'])
  })

  test('and processor time of a program are kept with its cost', async () => {
    const program = `process.stderr.write('a\\nb\\n'); const end = Date.now() + 300; while (Date.now() < end);`
    const { lines, cpu, output } = await cost(process.execPath, ['-e', program], {})
    expect(output).toBe('')
    expect(lines.map(({ text }) => text)).toEqual(['a', 'b'])
    if (process.platform === 'linux') expect(cpu.at(-1)?.cpuMs).toBeGreaterThan(0)
  })
})

describe('the rows of a report', () => {
  const rowOf = (figures: Parameters<typeof rowsOf>[0], measure: RegExp): unknown =>
    rowsOf(figures).find((row) => measure.test(row.measure))

  test('judge the delay of lines by its 95th percentile', () => {
    const delayMs = [...Array.from({ length: 19 }, () => 20), 900]
    expect(rowOf({ delayMs }, /its line/)).toMatchObject({ value: '20 ms', ok: true })
    expect(rowOf({ delayMs: [...delayMs, 900] }, /its line/)).toMatchObject({ value: '900 ms', ok: false })
  })

  test('tell the share of a core, and what was not measured', () => {
    expect(rowOf({ watchingCpu: [0.02, 0.034, 0.07] }, /watching/)).toMatchObject({
      value: '3.4 %',
      ok: true,
    })
    expect(rowOf({}, /watching/)).toMatchObject({ value: 'not measured', ok: false })
    expect(rowOf({ helloMs: [6000], helloHandMs: [4000] }, /kubectl create/)).toMatchObject({
      value: '1.50  (6.00 s ÷ 4.00 s)',
      ok: false,
    })
  })
})
