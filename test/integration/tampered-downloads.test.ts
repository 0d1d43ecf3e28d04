/** Downloads that somebody has changed on their way, in any bit of them. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDownloader } from '../../src/adapters/verified-downloader.ts'
import { systemClock } from '../../src/adapters/system-clock.ts'
import { seeded, tries } from '../fakes/seeded.ts'

const content = randomBytes(4096)
const sha256 = createHash('sha256').update(content).digest('hex')
let served = content
const server = createServer((_, response) => response.end(served))
let folder: string
let url: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'play-tampered-'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/tool`
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await rm(folder, { recursive: true })
})

test('[row 40] a download with any bit changed, cut off or longer is refused and leaves nothing', async () => {
  const downloader = createDownloader({ clock: systemClock, random: () => 0, userAgent: 'play/test' })
  const fetch = (): Promise<unknown> => {
    const { signal } = new AbortController()
    return downloader.download({
      url,
      what: 'a tool',
      to: join(folder, 'tool'),
      sha256,
      maxBytes: 8192,
      signal,
    })
  }
  await fetch()
  await rm(join(folder, 'tool'))
  const random = seeded(40)
  for (let count = 0; count < tries(100); count += 1) {
    served = Buffer.from(content)
    const at = Math.floor(random() * served.length)
    if (count % 10 === 0) served = served.subarray(0, at)
    else if (count % 10 === 1) served = Buffer.concat([served, Buffer.from('x')])
    else served[at] = (served[at] ?? 0) ^ (1 << Math.floor(random() * 8))
    await expect(fetch()).rejects.toMatchObject({ id: 'CHECKSUM_MISMATCH' })
    expect(await readdir(folder)).toEqual([])
  }
})
