/** Names that people type: checked once, with the nearest right one offered. */
import { PlayError } from './errors.ts'

/** The playground that commands mean when no name is given. */
export const defaultName = 'dev'

/** A node container is called play-NAME-control-plane and is a host name, so 63 characters in all. */
const longestName = 40

/** Returns `name` if it is a DNS label short enough for node host names; throws USAGE_NAME otherwise. */
export function parseName(name: string): string {
  const reason = whatIsWrong(name)
  if (reason !== undefined) throw PlayError.of('USAGE_NAME', { name, reason })
  return name
}

function whatIsWrong(name: string): string | undefined {
  if (name === '') return 'it is empty'
  if (name.length > longestName)
    return `it has ${String(name.length)} characters, at most ${String(longestName)} fit`
  if (!/^[a-z0-9-]+$/.test(name)) return 'it holds something other than lower-case letters, digits and dashes'
  if (!/^[a-z]/.test(name)) return 'it does not begin with a letter'
  if (name.endsWith('-')) return 'it ends with a dash'
  return undefined
}

/** The known names close to `wrong`, nearest first, at most two. */
export function nearest(wrong: string, known: readonly string[]): string[] {
  return known
    .map((name) => ({ name, distance: editDistance(wrong, name) }))
    .filter(
      ({ name, distance }) => distance <= Math.max(2, Math.floor(name.length / 3)) || name.startsWith(wrong),
    )
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 2)
    .map(({ name }) => name)
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      next.push(Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + same))
    }
    row = next
  }
  return row[b.length] ?? 0
}
