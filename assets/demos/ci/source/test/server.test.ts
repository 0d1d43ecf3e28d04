import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { opening } from '../src/greeting.ts'
import { createService } from '../src/server.ts'

const service = createService('0123abc')
let address = ''

before(async () => {
  await once(service.listen(0), 'listening')
  address = `http://localhost:${String((service.address() as AddressInfo).port)}`
})

after(() => service.close())

test('answers with a greeting and its commit', async () => {
  const response = await fetch(`${address}/?name=Ada`)
  assert.equal(response.status, 200)
  assert.deepEqual(await response.json(), { greeting: `${opening}, Ada!`, commit: '0123abc' })
})

test('tells that it is well', async () => {
  const response = await fetch(`${address}/healthz`)
  assert.deepEqual([response.status, await response.json()], [200, { status: 'ok' }])
})

test('has no other pages', async () => {
  const response = await fetch(`${address}/admin`)
  assert.equal(response.status, 404)
})
