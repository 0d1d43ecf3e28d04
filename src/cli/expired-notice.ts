/** Names the playgrounds whose time is over, after the answer of any command: nothing burns silently. */
import { formatExpiry, isExpired } from '../domain/expiry.ts'
import type { App } from './app.ts'

/** Writes a line to stderr for each expired playground but those that the command `removes`. Never fails. */
export async function tellExpired(
  { expiries, ports, stderr }: Pick<App, 'expiries' | 'ports' | 'stderr'>,
  removes: (name: string) => boolean,
): Promise<void> {
  const now = ports.clock.now()
  const known = await expiries().catch(() => [])
  const lines = known
    .filter((each) => isExpired(each, now) && !removes(each.name))
    .map(
      ({ name, expiresAt }) =>
        `Playground "${name}" expired ${formatExpiry(expiresAt, now)}. Remove it: play down ${name}  (or all: play gc)\n`,
    )
  if (lines.length > 0) stderr(lines.join(''))
}
