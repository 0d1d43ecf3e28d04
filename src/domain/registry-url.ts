/** Addresses of image registries as people write them, and which of them a playground can use. */
import { PlayError } from './errors.ts'

/** Names of images begin with it, so that it must look like their first part (distribution's reference grammar). */
const pathPart = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/

/**
 * The address of a registry as https://HOST[:PORT][/PATH], or with http. Throws USAGE_INVALID, without the address where
 * there is a secret in it.
 */
export function parseRegistryUrl(text: string): string {
  // None of these belongs into an address of a registry, and tokens stand in all of these places.
  if (/[@?#]/.test(text))
    throw refuse(
      'An address of a registry must have no user or token in it: give a file as docker login writes it with --registry-credentials FILE',
    )
  const full = text.includes('://') ? text : `https://${text}`
  const url = URL.canParse(full) ? new URL(full) : undefined
  if (url === undefined || !isUsable(url))
    throw refuse(
      `${JSON.stringify(text)} is no address of a registry: https://HOST/PATH is, in lower case and with a dot or a port in HOST`,
    )
  if (/^(localhost|.*\.localhost|127\..*|0\.0\.0\.0)$/.test(url.hostname))
    throw refuse(
      `${text} is this machine for you, and something else for a pod: use an address that containers reach`,
    )
  return `${url.protocol}//${url.host}${url.pathname.replace(/\/$/, '')}`
}

/** Without a dot or a port the host would be taken for a part of a name at Docker Hub. */
function isUsable({ protocol, host, pathname }: URL): boolean {
  const parts = pathname.replace(/^\/|\/$/g, '').split('/')
  return (
    /^https?:$/.test(protocol) &&
    /^(?:[a-z0-9.-]+:\d+|[a-z0-9-]+(?:\.[a-z0-9-]+)+|localhost)$/.test(host) &&
    (pathname === '/' || parts.every((part) => pathPart.test(part)))
  )
}

function refuse(reason: string): PlayError {
  return PlayError.of('USAGE_INVALID', { reason })
}
