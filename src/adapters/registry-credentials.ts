/** Reads the file that opens a registry: docker's config.json, of which only the registry's entry is taken. */
import { open } from 'node:fs/promises'
import { PlayError } from '../domain/errors.ts'
import type { ExternalRegistry, RegistryCredentials } from '../domain/registry-slot.ts'
import { systemReason } from '../domain/system-error.ts'

/** Docker's own name for the entry of Docker Hub; kubelet and BuildKit look for it there too. */
const dockerHubKey = 'https://index.docker.io/v1/'

/** What is in the file for this registry; undefined where no file was given. Throws REGISTRY_CREDENTIALS, without its contents. */
export async function readRegistryCredentials({
  url,
  credentials: path,
}: ExternalRegistry): Promise<RegistryCredentials | undefined> {
  if (path === undefined) return undefined
  const { host } = new URL(url)
  const refuse = (reason: string, cause?: unknown): PlayError =>
    PlayError.of('REGISTRY_CREDENTIALS', { path, host, reason }, { cause })
  const { text, isReadByOthers } = await read(path).catch((error: unknown) => {
    throw refuse(systemReason(error), error)
  })
  const entries = entriesOf(text)
  if (entries === undefined) throw refuse('it is no config.json of docker')
  const auth = authOf(entries, url.replace(/^https?:\/\//, ''), host)
  if (auth === undefined)
    throw refuse(`it has no entry for ${host} with user and password; a credential helper may keep them`)
  const key = host === 'docker.io' ? dockerHubKey : host
  return { dockerConfig: JSON.stringify({ auths: { [key]: { auth } } }), isReadByOthers }
}

async function read(path: string): Promise<{ text: string; isReadByOthers: boolean }> {
  const file = await open(path)
  try {
    const { mode } = await file.stat()
    return { text: await file.readFile('utf8'), isReadByOthers: (mode & 0o044) !== 0 }
  } finally {
    await file.close()
  }
}

type Entries = Readonly<Record<string, Readonly<Record<string, unknown>> | null>>

/** The member `auths`. What JSON.parse says would repeat the file. */
function entriesOf(text: string): Entries | undefined {
  try {
    const document = JSON.parse(text) as { auths?: Entries } | null
    return typeof document === 'object' && document !== null ? (document.auths ?? {}) : undefined
  } catch {
    return undefined
  }
}

/** podman has entries for paths too, which are more to the point than those of their host. */
function authOf(entries: Entries, address: string, host: string): string | undefined {
  const names = [address, host, ...(host === 'docker.io' ? ['index.docker.io'] : [])]
  const bare = (key: string): string => key.replace(/^https?:\/\//, '').replace(/(\/v[12])?\/?$/, '')
  for (const name of names)
    for (const [key, entry] of Object.entries(entries)) {
      const auth = bare(key) === name ? basicAuth(entry ?? {}) : undefined
      if (auth !== undefined) return auth
    }
  return undefined
}

function basicAuth({ auth, username, password }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof auth === 'string' && auth !== '') return auth
  if (typeof username !== 'string' || typeof password !== 'string') return undefined
  return Buffer.from(`${username}:${password}`).toString('base64')
}
