/** HTML that escapes by default: what comes from outside can only ever be text. */

/** A piece of a page; only `html` and `trusted` make one, so that nothing unescaped gets in by mistake. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** What may stand in a template: text is escaped, nothing is left out. */
export type Content = Markup | string | number | undefined | readonly Content[]

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Escapes for content of elements and for quoted attributes alike. */
function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '')
}

function render(content: Content): string {
  if (content instanceof Markup) return content.text
  if (content === undefined) return ''
  return typeof content === 'object' ? content.map(render).join('') : escape(String(content))
}

/** A template whose values are escaped; attributes have to be quoted in it. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(
    parts.map((part, index) => (index === 0 ? part : render(values[index - 1]) + part)).join(''),
  )
}

/** Text of this program itself, such as its style sheet, as it is. Never for anything that was read. */
export function trusted(text: string): Markup {
  return new Markup(text)
}
