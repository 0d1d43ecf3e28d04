/** What a container said before it crashed, without what must stay secret. */
import { PlayError } from '../../domain/errors.ts'
import type { ClusterClient } from '../../domain/ports.ts'

/** How many of the last lines are worth telling, and how much of each. */
const tailLines = 20
const lineLimit = 500

/** Shorter values would blacken ordinary words. */
const shortestSecret = 6

/** The last lines of the container's run before this one. None where the cluster does not tell: there is a worse error to report. */
export async function lastWords(
  client: Pick<ClusterClient, 'logs' | 'list'>,
  container: { readonly namespace: string; readonly name: string; readonly container: string },
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    const { namespace } = container
    const secrets = await client.list({ apiVersion: 'v1', kind: 'Secret', namespace }, signal)
    const said: string[] = []
    const options = { follow: false, previous: true, tailLines }
    for await (const line of client.logs({ ...container, ...options }, signal)) said.push(line)
    // The longest first, as one may be a part of another.
    const hidden = secrets
      .flatMap((secret) => valuesOf(secret['data']))
      .sort((one, other) => other.length - one.length)
    return said.slice(-tailLines).map((line) => redact(line, hidden).slice(0, lineLimit))
  } catch (error) {
    if (error instanceof PlayError) return []
    throw error
  }
}

/** Each line of each value. */
function valuesOf(data: unknown): string[] {
  return Object.values((data ?? {}) as Readonly<Record<string, string>>)
    .flatMap((value) => Buffer.from(value, 'base64').toString().split('\n'))
    .filter((line) => line.length >= shortestSecret)
}

function redact(line: string, secrets: readonly string[]): string {
  return secrets.reduce((text, secret) => text.replaceAll(secret, '***'), line)
}
