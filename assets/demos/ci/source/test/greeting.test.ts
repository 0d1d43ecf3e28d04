import assert from 'node:assert/strict'
import { test } from 'node:test'
import { greet, opening } from '../src/greeting.ts'

test('greets the world when nobody gives a name', () => {
  assert.equal(greet(), `${opening}, world!`)
})

test('greets by name', () => {
  assert.equal(greet('Ada'), `${opening}, Ada!`)
})

test('does without the spaces around a name', () => {
  assert.equal(greet('  Ada '), `${opening}, Ada!`)
})
