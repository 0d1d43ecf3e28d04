/** Reads the file that opens a repository: lines of git's credential store, or a private key. */
import { readFile } from 'node:fs/promises'
import { PlayError } from '../domain/errors.ts'
import type { ExternalGit, RepositoryCredentials } from '../domain/git-remote.ts'
import { sshHost } from '../domain/git-url.ts'
import { systemReason } from '../domain/system-error.ts'

/** What is in the file for this address; undefined where no file was given. Throws GIT_CREDENTIALS, without its contents. */
export async function readCredentials({
  url,
  credentials: path,
}: ExternalGit): Promise<RepositoryCredentials | undefined> {
  if (path === undefined) return undefined
  const refuse = (reason: string, cause?: unknown): PlayError =>
    PlayError.of('GIT_CREDENTIALS', { path, reason }, { cause })
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw refuse(systemReason(error), error)
  })
  if (sshHost(url) !== undefined) {
    if (!/^-----BEGIN [A-Z ]*PRIVATE KEY-----$/m.test(text)) throw refuse('it is no private key')
    return { sshPrivateKey: text }
  }
  const { protocol, host } = new URL(url)
  const lines = text.split('\n').flatMap((line) => (URL.canParse(line.trim()) ? [new URL(line.trim())] : []))
  const found = lines.find((line) => line.protocol === protocol && line.host === host)
  if (found === undefined) throw refuse(`it has no line ${protocol}//USER:TOKEN@${host}`)
  return { username: decodeURIComponent(found.username), password: decodeURIComponent(found.password) }
}
