/** Starts the service as the image does, asks it what it is for, and ends it. Usage: smoke.ts [COMMIT] */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

const [wanted = process.env['COMMIT'] ?? 'unknown'] = process.argv.slice(2)

const main = `${import.meta.dirname}/../src/main.ts`
const service = spawn(process.execPath, [main], {
  env: { ...process.env, PORT: '0' },
  stdio: ['ignore', 'pipe', 'inherit'],
})
const ended = once(service, 'exit')

try {
  const deadline = AbortSignal.timeout(10_000)
  const lines = createInterface({ input: service.stdout })
  const [line] = (await once(lines, 'line', { signal: deadline })) as [string]
  const address = `http://localhost:${String(line.split(' ').at(-1))}`
  const health = await fetch(`${address}/healthz`, { signal: deadline })
  assert.equal(health.status, 200, 'it is not well')
  const response = await fetch(address, { signal: deadline })
  const { greeting, commit } = (await response.json()) as Readonly<Record<string, string>>
  assert.equal(commit, wanted, 'it was built from another commit')
  console.log(`it says "${String(greeting)}" at commit ${wanted.slice(0, 7)}`)
} finally {
  service.kill()
}

assert.deepEqual(await ended, [0, null], 'it did not end in order')
