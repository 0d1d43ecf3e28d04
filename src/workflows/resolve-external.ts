/** Something of the person's own outside the cluster, which its URL names: a repository, a registry. */
import { PlayError } from '../domain/errors.ts'

/**
 * What was asked for on top of what there is; undefined without a URL. Throws USAGE_INVALID, with `unnamed` for its
 * reason, where something was asked for that goes with a URL and there is none.
 */
export function resolveExternal<T extends { readonly url: string }>(
  wanted: Partial<T>,
  former: T | undefined,
  unnamed: string,
): (Partial<T> & { readonly url: string }) | undefined {
  const url = wanted.url ?? former?.url
  if (url === undefined && Object.keys(wanted).length === 0) return undefined
  if (url === undefined) throw PlayError.of('USAGE_INVALID', { reason: unnamed })
  // What goes with one says nothing of another.
  const same = former?.url === url ? former : undefined
  return { ...same, ...wanted, url }
}
