/** What the service says. */

/** The words before the name. `play demo ci` changes this line, so that each run has something to deliver. */
export const opening = 'Hello from the playground'

/** Greets whoever gives a name, and the world otherwise. */
export function greet(name?: string): string {
  return `${opening}, ${name?.trim()}!`
}
