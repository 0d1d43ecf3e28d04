/** References in the texts of a demo: `${…}` stands for a value, `$${` for `${` itself. */

/** One reference. */
export interface DemoReference {
  /** What is between the braces; up to the end of the text where the closing one is missing. */
  readonly expression: string
  /** Where its `${` is in the text, in UTF-16 units. */
  readonly offset: number
  /** False without a closing brace. */
  readonly isClosed: boolean
}

const pattern = /\$\$\{|\$\{([^}]*)(\}?)/g

/** The references in `text`, in order. */
export function referencesOf(text: string): readonly DemoReference[] {
  return [...text.matchAll(pattern)].flatMap(({ index, 1: expression, 2: end }) =>
    expression === undefined ? [] : [{ expression, offset: index, isClosed: end === '}' }],
  )
}

/** The text with each reference replaced by what `lookup` answers, which is not read again. An open one stays as it is. */
export function resolveReferences(text: string, lookup: (expression: string) => string): string {
  return text.replace(pattern, (whole, expression: string | undefined, end: string | undefined) => {
    if (expression === undefined) return '${'
    return end === '}' ? lookup(expression) : whole
  })
}
