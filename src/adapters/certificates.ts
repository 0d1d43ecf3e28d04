/** Certificates of emptiness on disk: one private file each, the newest kept. */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { certificateFile, keptCertificates, type Certificate } from '../domain/certificate.ts'
import { parseName } from '../domain/names.ts'
import { syncFolder, writeDurably } from './durable-file.ts'
import { makePrivateFolder } from './private-folder.ts'

/**
 * Writes it to `<stateDir>/certificates`, 0700, as a file of mode 0600 that survives a power cut, and returns the path.
 * Then removes all but the newest 20. Throws what the file system throws, or USAGE_NAME.
 */
export async function writeCertificate(stateDir: string, certificate: Certificate): Promise<string> {
  parseName(certificate.name)
  const folder = join(stateDir, 'certificates')
  const file = certificateFile(certificate)
  await makePrivateFolder(folder)
  await syncFolder(stateDir)
  await writeDurably(join(folder, file), `${JSON.stringify(certificate, null, 2)}\n`)
  // The new one is on disk: that an old one will not go is no failure of it.
  await removeOld(folder, file).catch(() => undefined)
  return join(folder, file)
}

/**
 * Removes what a crash left of certificates of `name`. Only for who holds that playground's lock: nobody else can be
 * writing one. What cannot be removed stays for the next time.
 */
export async function sweepCertificates(stateDir: string, name: string): Promise<void> {
  const folder = join(stateDir, 'certificates')
  const isLeft = (file: string): boolean => {
    const [, of] = /^\.\d{8}T\d{6}Z-(.+)\.json\.[0-9a-f]{12}\.tmp$/.exec(file) ?? []
    return of === name
  }
  const left = (await readdir(folder).catch(() => [])).filter(isLeft)
  await Promise.all(left.map((file) => rm(join(folder, file), { force: true }).catch(() => undefined)))
}

/** By name, which begins with the time; never the one just written, which a clock set back would make the oldest. */
async function removeOld(folder: string, written: string): Promise<void> {
  const others = (await readdir(folder)).filter(
    (file) => file !== written && /^\d{8}T\d{6}Z-.+\.json$/.test(file),
  )
  const old = others.sort().slice(0, Math.max(0, others.length + 1 - keptCertificates))
  await Promise.all(old.map((file) => rm(join(folder, file), { force: true })))
}
