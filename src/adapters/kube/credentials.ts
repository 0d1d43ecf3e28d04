/** How to reach a server and prove who we are, out of a kubeconfig. */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { createSecureContext, type SecureContext } from 'node:tls'
import type { ClusterAccess } from '../../domain/cluster.ts'
import { parseKubeconfig, resolveContext, type Fields, type ResolvedContext } from './kubeconfig-document.ts'
import { damaged, reasonOf } from './kubeconfig-errors.ts'

/** What a connection needs. */
export interface Credentials {
  readonly server: string
  /** Options of every TLS connection; the context is made once, since reading keys for each connection costs. */
  readonly tls: {
    readonly secureContext: SecureContext
    readonly servername?: string
    readonly rejectUnauthorized?: boolean
  }
  /** Bearer token. */
  readonly token?: string
}

/** Ways to log in that need a program or a browser; none of play's own clusters use them. */
const unsupported = ['exec', 'auth-provider', 'username', 'as'] as const

/**
 * Reads the credentials of `access` from its kubeconfig. Understands what kind, kubeadm and most providers write:
 * certificates and keys inline or as files (relative to the kubeconfig), tokens, a TLS server name.
 * Throws KUBECONFIG_DAMAGED for anything else.
 */
export async function readCredentials(access: ClusterAccess): Promise<Credentials> {
  const path = access.kubeconfigPath
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw damaged(path, reasonOf(error), error)
  })
  const found = resolveContext(await parseKubeconfig(text, path), access.context, path)
  refuseUnsupported(found, path)
  const serverName = found.cluster['tls-server-name']
  const token = await tokenOf(found.user, path)
  return {
    server: access.server,
    tls: {
      secureContext: await secureContextOf(found, path),
      ...(typeof serverName === 'string' ? { servername: serverName } : {}),
      ...(found.cluster['insecure-skip-tls-verify'] === true ? { rejectUnauthorized: false } : {}),
    },
    ...(token === undefined ? {} : { token }),
  }
}

function refuseUnsupported(found: ResolvedContext, path: string): void {
  const field = unsupported.find((name) => found.user[name] !== undefined)
  if (field !== undefined) throw damaged(path, `its user logs in by "${field}", which play cannot do`)
  if (found.cluster['proxy-url'] !== undefined)
    throw damaged(path, 'its cluster needs a proxy, which play cannot use')
}

async function secureContextOf(found: ResolvedContext, path: string): Promise<SecureContext> {
  const [ca, cert, key] = await Promise.all([
    material(found.cluster, 'certificate-authority', path),
    material(found.user, 'client-certificate', path),
    material(found.user, 'client-key', path),
  ])
  try {
    return createSecureContext({ ca, cert, key })
  } catch (error) {
    // OpenSSL's words name the function that failed, never the key.
    throw damaged(path, `its certificates cannot be used: ${(error as Error).message}`, error)
  }
}

/** A certificate or key: `NAME-data` holds it in base64, `NAME` names a file. Data wins, as for kubectl. */
async function material(fields: Fields, name: string, path: string): Promise<Buffer | undefined> {
  const data = fields[`${name}-data`]
  if (typeof data === 'string' && data !== '') return Buffer.from(data, 'base64')
  return await fileOf(fields[name], path)
}

async function tokenOf(user: Fields, path: string): Promise<string | undefined> {
  const file = await fileOf(user['tokenFile'], path)
  if (file !== undefined) return file.toString('utf8').trim()
  const token = user['token']
  return typeof token === 'string' && token !== '' ? token : undefined
}

async function fileOf(name: unknown, path: string): Promise<Buffer | undefined> {
  if (typeof name !== 'string' || name === '') return undefined
  return await readFile(resolve(dirname(path), name)).catch((error: unknown) => {
    throw damaged(path, reasonOf(error), error)
  })
}
