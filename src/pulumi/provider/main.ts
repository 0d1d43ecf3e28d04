/** Entry of the plug-in pulumi-resource-play: the engine starts it, it serves until the engine is gone. */
import { randomBytes } from 'node:crypto'
import { fstatSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main } from '@pulumi/pulumi/provider/index.js'
import { createProcessRunner } from '../../adapters/execa-process-runner.ts'
import { identify } from '../../adapters/process-identity.ts'
import { playgroundVariable } from '../../domain/running-process.ts'
import { newUlid } from '../../domain/ulid.ts'
import { openSegment, type Segment } from '../../journal/segment.ts'
import { connectEngineLog } from './engine-log.ts'
import { requireLock } from './lock-check.ts'
import { PlayProvider } from './provider.ts'
import { recordRuns } from './recorded-runs.ts'

const env = process.env
const version = env['PLAY_VERSION'] ?? '0.0.0'
const playground = env[playgroundVariable] ?? ''
const [lock = '', epoch = ''] = [env['PLAY_LOCK'], env['PLAY_EPOCH']]
const processes = createProcessRunner({ env })

/** Notes this process in a segment of the playground's journal; a playground that nobody names has none. */
async function noteOwnStart(): Promise<Segment | undefined> {
  if (playground === '') return undefined
  const id = newUlid(Date.now(), randomBytes)
  return openSegment(join(playground, `plugin-${id}.jsonl`), {
    epoch: epoch === '' ? id : epoch,
    tool: `play ${version}`,
    now: () => Date.now(),
    identify: (pid) => identify(pid, processes),
    pid: process.pid,
    purpose: 'pulumi-resource-play',
  })
}

// Before anything is served: whoever cannot be found later must not begin.
const segment = await noteOwnStart()
const engineAddress = process.argv.slice(2).findLast((argument) => !argument.startsWith('-')) ?? ''
const engine = env['PLAY_ENGINE'] ?? 'docker'
const provider = new PlayProvider(
  version,
  {
    processes: segment === undefined ? processes : recordRuns(processes, segment),
    kind: env['PLAY_KIND'] ?? 'kind',
    engine,
    temporaryFolder: env['PLAY_TMP'] ?? tmpdir(),
    env: {
      ...(engine === 'docker' ? {} : { KIND_EXPERIMENTAL_PROVIDER: engine }),
      ...(playground === '' ? {} : { [playgroundVariable]: playground }),
    },
    ...(lock === '' || epoch === '' ? {} : { requireLock: () => requireLock({ path: lock, epoch }) }),
  },
  connectEngineLog(engineAddress),
)
/**
 * Ends at once, and kind with it: the process runner kills its children when this process exits. Nothing is cleaned up,
 * since nobody waits for it; the next `play up` or `play down` does that, and finds in the segment what was running.
 */
function end(): void {
  try {
    if (segment?.running === 0) segment.remove()
  } catch {
    // The playground's folder is gone already, or the segment stays: it names a process that has ended.
  }
  // eslint-disable-next-line no-restricted-properties -- Pulumi's server cannot be stopped from outside
  process.exit(1)
}
process.on('SIGINT', end)
process.on('SIGTERM', end)
// The engine holds the other end of our standard input and never writes to it; a killed engine sends no Cancel, so
// the end of that pipe is how we notice. Input of any other kind (a file, /dev/null) has an end that means nothing.
const input = fstatSync(0)
if (input.isFIFO() || input.isSocket()) process.stdin.on('end', end).on('error', end).resume()
await main(provider, process.argv.slice(2))
