/** Addresses of git repositories as people write them, and which of them play can use. */
import { PlayError } from './errors.ts'

const scpLike = /^[\w.-]+@([\w.-]+):\S+$/

/**
 * The address of a repository that this machine and pods reach: https, http or ssh. Throws USAGE_INVALID, without the
 * address where there is a secret in it.
 */
export function parseGitUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const reason = whatIsWrong(text, url)
  if (reason !== undefined) throw PlayError.of('USAGE_INVALID', { reason })
  return text
}

function whatIsWrong(text: string, url: URL | undefined): string | undefined {
  const isHttp = /^https?:$/.test(url?.protocol ?? '')
  if (url !== undefined && hasSecret(url, isHttp))
    return 'An address of a repository must have no user or token in it: put them into a file, as one line https://USER:TOKEN@HOST, and give it with --git-credentials FILE'
  const host = isHttp ? url?.hostname : sshHost(text)
  if (!/^[!-~]+$/.test(text) || host === undefined)
    return `${JSON.stringify(text)} is no address that play can publish to: https://HOST/… or ssh://USER@HOST/… is`
  if (/^(localhost|127\..*|\[::1\])$/.test(host.replace(/^\[(.*)\]:\d+$/, '$1')))
    return `${text} is this machine for you, and something else for a pod: use an address that containers reach`
  return undefined
}

/** Tokens stand in any of these places; over ssh the user is none. */
function hasSecret({ username, password, search, hash }: URL, isHttp: boolean): boolean {
  return password !== '' || (isHttp && `${username}${search}${hash}` !== '')
}

/** The name of a branch. Throws USAGE_INVALID; see git-check-ref-format(1). */
export function parseBranch(text: string): string {
  if (/^(?![-./])(?!.*(\.\.|\/\/|\/\.))[\w./-]+(?<![./])(?<!\.lock)$/.test(text)) return text
  throw PlayError.of('USAGE_INVALID', { reason: `${JSON.stringify(text)} is no name for a branch` })
}

/**
 * The server of an ssh address as known_hosts names it, with a port that is not 22; undefined for other addresses. Without
 * a user it is none: each program would take another one.
 */
export function sshHost(text: string): string | undefined {
  if (!text.startsWith('ssh://')) return text.includes('://') ? undefined : scpLike.exec(text)?.[1]
  if (!URL.canParse(text)) return undefined
  const { hostname, port, username } = new URL(text)
  if (hostname === '' || username === '') return undefined
  return port === '' || port === '22' ? hostname : `[${hostname}]:${port}`
}
