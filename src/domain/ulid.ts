/** Ids that sort by time: ULIDs, in lower case so that they fit into names. */

/** Crockford's alphabet: no i, l, o or u. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/**
 * A new id of 26 characters: 48 bits of `now` (milliseconds since the epoch), then 80 bits from
 * `randomBytes`, such as the function of that name in node:crypto.
 */
export function newUlid(now: number, randomBytes: (size: number) => Uint8Array): string {
  const random = randomBytes(10).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  let rest = (BigInt(now) << 80n) | random
  let text = ''
  for (let digit = 0; digit < 26; digit += 1) {
    text = (alphabet[Number(rest & 31n)] ?? '') + text
    rest >>= 5n
  }
  return text
}
