import { EventEmitter } from 'node:events'
import { beforeEach, describe, expect, test } from 'vitest'
import { listenForInterrupts, type Interrupts } from '../../../src/cli/interrupts.ts'

let signals: EventEmitter
let told: (string | number)[]
let interrupts: Interrupts

beforeEach(() => {
  signals = new EventEmitter()
  told = []
  interrupts = listenForInterrupts(signals, {
    first: () => told.push('first'),
    second: (exitCode) => told.push(exitCode),
  })
})

describe('Ctrl-C', () => {
  test('once stops in order', () => {
    expect(interrupts.exitCode()).toBeUndefined()
    signals.emit('SIGINT', 'SIGINT')
    expect(interrupts.signal.aborted).toBe(true)
    expect(interrupts.signal.reason).toMatchObject({ id: 'CANCELLED', exitCode: 130 })
    expect(interrupts.exitCode()).toBe(130)
    expect(told).toEqual(['first'])
  })

  test('twice ends at once', () => {
    signals.emit('SIGINT', 'SIGINT')
    signals.emit('SIGINT', 'SIGINT')
    expect(told).toEqual(['first', 130])
  })

  test('tells before it stops, so that the words come before those of what ends', () => {
    const order: string[] = []
    const own = new EventEmitter()
    const { signal } = listenForInterrupts(own, { first: () => order.push('told'), second: () => undefined })
    signal.addEventListener('abort', () => order.push('stopped'))
    own.emit('SIGINT', 'SIGINT')
    expect(order).toEqual(['told', 'stopped'])
  })
})

describe('SIGTERM', () => {
  test('stops in order with its own exit code', () => {
    signals.emit('SIGTERM', 'SIGTERM')
    expect(interrupts.exitCode()).toBe(143)
  })

  test('after Ctrl-C ends at once, and the first decides the exit code', () => {
    signals.emit('SIGINT', 'SIGINT')
    signals.emit('SIGTERM', 'SIGTERM')
    expect(told).toEqual(['first', 143])
    expect(interrupts.exitCode()).toBe(130)
  })
})

test('a terminal that is closed stops in order', () => {
  signals.emit('SIGHUP', 'SIGHUP')
  expect(interrupts.signal.aborted).toBe(true)
  expect(interrupts.exitCode()).toBe(129)
})

test('nothing is listened for once it is closed', () => {
  interrupts.close()
  expect(signals.eventNames()).toEqual([])
})
