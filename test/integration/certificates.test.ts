/** Certificates and folder sizes on a real file system. */
import { mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeCertificate } from '../../src/adapters/certificates.ts'
import { folderUsage, mayBeThere } from '../../src/adapters/folder-usage.ts'
import type { Certificate } from '../../src/domain/certificate.ts'
import { sampleCertificate } from '../fakes/sample-certificate.ts'

let base: string
let stateDir: string
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'play-certificates-'))
  stateDir = join(base, 'state')
})
afterEach(async () => {
  await rm(base, { recursive: true })
})

/** One of the second `second` of an hour. */
function certificate(second: number, name = 'dev'): Certificate {
  const issuedAt = new Date(Date.UTC(2026, 10, 22, 22, 0, second)).toISOString()
  return sampleCertificate(name, issuedAt)
}

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8)
}

describe('certificates', () => {
  it('[row 36] are private, whatever the umask, and read back as they were', async () => {
    const umask = process.umask(0)
    try {
      const path = await writeCertificate(stateDir, certificate(1))
      expect(await modeOf(path)).toBe('600')
      expect(await modeOf(dirname(path))).toBe('700')
      expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(certificate(1))
    } finally {
      process.umask(umask)
    }
  })

  it('[row 23] are kept up to 20, the newest, and no other file goes for them', async () => {
    await writeCertificate(stateDir, certificate(0))
    const folder = join(stateDir, 'certificates')
    await writeFile(join(folder, 'notes.json'), 'mine')
    for (let second = 1; second < 25; second += 1) await writeCertificate(stateDir, certificate(second))
    const files = (await readdir(folder)).sort()
    expect(files).toHaveLength(21)
    expect(files[0]).toBe('20261122T220005Z-dev.json')
    expect(files.at(-1)).toBe('notes.json')
  })

  it('[row 24] are kept when written, though the clock was set back', async () => {
    for (let second = 10; second < 30; second += 1) await writeCertificate(stateDir, certificate(second))
    const path = await writeCertificate(stateDir, certificate(1, 'late'))
    expect(await readdir(dirname(path))).toHaveLength(20)
    expect(await modeOf(path)).toBe('600')
  })

  it('[row 37] are not written through a link that somebody put there', async () => {
    await mkdir(stateDir, { mode: 0o700 })
    await mkdir(join(base, 'elsewhere'))
    await symlink(join(base, 'elsewhere'), join(stateDir, 'certificates'))
    await expect(writeCertificate(stateDir, certificate(1))).rejects.toThrow('symbolic link')
    expect(await readdir(join(base, 'elsewhere'))).toEqual([])
  })
})

describe('the size of a folder', () => {
  it('counts what is in it and below, a link as itself', async () => {
    await mkdir(join(base, 'a', 'b'), { recursive: true })
    await writeFile(join(base, 'a', 'one'), '12345')
    await writeFile(join(base, 'a', 'b', 'two'), '123')
    await symlink('one', join(base, 'a', 'link'))
    expect(await folderUsage(join(base, 'a'))).toEqual({ files: 3, bytes: 11 })
    expect(await folderUsage(join(base, 'never'))).toBeUndefined()
  })

  it('[row 7] is not told where it cannot be looked at', async () => {
    await writeFile(join(base, 'file'), '')
    await expect(folderUsage(join(base, 'file'))).rejects.toMatchObject({ code: 'ENOTDIR' })
  })
})

describe('a folder', () => {
  it('is gone only where nothing is', async () => {
    await writeFile(join(base, 'file'), '')
    expect(await mayBeThere(base)).toBe(true)
    expect(await mayBeThere(join(base, 'never', 'there'))).toBe(false)
    expect(await mayBeThere(join(base, 'file', 'below'))).toBe(false)
  })

  it('[row 7] may be there where nobody can look', async () => {
    await symlink('loop', join(base, 'loop'))
    expect(await mayBeThere(join(base, 'loop', 'folder'))).toBe(true)
  })
})
