/** What the folder of a demo may be called: its name goes into names of objects. */

const longest = 40

/** A reason against it; undefined for a DNS label of bearable length. */
export function whatIsWrongWithName(name: string): string | undefined {
  if (name.length > longest)
    return `a demo is called like its folder, and "${name}" has more than ${String(longest)} characters`
  if (/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name)) return undefined
  return `a demo is called like its folder, and "${name}" is not lower-case letters, digits and dashes`
}
