/** Secrets that are recognized wherever they turn up, in every encoding that programs give them. */
import { randomBytes } from 'node:crypto'

/** Marked secrets, and what they look like elsewhere. */
export class Canaries {
  readonly #cores = new Map<string, string>()

  /** A secret of that name, with characters that quoting, URLs and base64 all treat differently. */
  make(name: string): string {
    const core = `Cnry${randomBytes(12).toString('hex')}`
    this.#cores.set(name, core)
    return `${core}"/+é%`
  }

  /** Names of the secrets in a text, each with how it is written. */
  in(text: string): string[] {
    return [...this.#cores].flatMap(([name, core]) => {
      const found = Object.entries(formsOf(core)).find(([, forms]) =>
        forms.some((form) => text.includes(form)),
      )
      return found === undefined ? [] : [`${name} (${found[0]})`]
    })
  }
}

/** Its core has nothing that JSON, a shell or a URL would write in another way. */
function formsOf(core: string): Readonly<Record<string, readonly string[]>> {
  const hex = Buffer.from(core).toString('hex')
  const base64 = [0, 1, 2].map((offset) => base64At(core, offset))
  return {
    plain: [core],
    percent: [
      Array.from(core)
        .map((char) => `%${char.charCodeAt(0).toString(16)}`)
        .join(''),
    ],
    hex: [hex, hex.toUpperCase()],
    base64,
    base64url: base64.map((form) => form.replaceAll('+', '-').replaceAll('/', '_')),
    reversed: [Array.from(core).reverse().join('')],
  }
}

/** What is sure to be there when text with so many bytes before it, modulo three, is encoded. */
function base64At(text: string, offset: number): string {
  const encoded = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)]).toString('base64')
  // The first and the last characters depend on what is beside it.
  const first = Math.ceil((offset * 8) / 6)
  const last = Math.floor(((offset + text.length) * 8) / 6)
  return encoded.slice(first, last)
}
