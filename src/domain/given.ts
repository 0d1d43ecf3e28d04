/** Fields of an object that are left out where there is nothing to put into them. */

/** A field, where there is something to put into it. */
export function given<Name extends string, Value>(
  name: Name,
  value: Value | null | undefined,
): Partial<Record<Name, Value>> {
  return value === undefined || value === null ? {} : ({ [name]: value } as Record<Name, Value>)
}
