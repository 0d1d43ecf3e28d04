import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readExpiries } from '../../../src/adapters/expiries.ts'

const expiresAt = '2026-01-01T00:00:00.000Z'

let base: string
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'play-expiries-'))
})
afterEach(async () => {
  await rm(base, { recursive: true })
})

async function write(name: string, text: string): Promise<void> {
  const folder = join(base, 'playgrounds', name)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'state.json'), text)
}

test('the expiries are those of playgrounds that have one; what cannot be read is left out', async () => {
  await write('two', JSON.stringify({ expiresAt }))
  await write('one', JSON.stringify({ expiresAt }))
  await write('endless', '{}')
  await write('damaged', '{"expiresAt":')
  await write('nothing', 'null')
  await write('nonsense', '{"expiresAt":"soon"}')
  await write('No_Name', JSON.stringify({ expiresAt }))
  await writeFile(join(base, 'playgrounds', '.one.lock'), '')
  await mkdir(join(base, 'playgrounds', 'linked'))
  await symlink(
    join(base, 'playgrounds', 'one', 'state.json'),
    join(base, 'playgrounds', 'linked', 'state.json'),
  )
  expect(readExpiries(base)).toEqual([
    { name: 'one', expiresAt },
    { name: 'two', expiresAt },
  ])
})

test('without a state folder there are none', () => {
  expect(readExpiries(join(base, 'none'))).toEqual([])
})
