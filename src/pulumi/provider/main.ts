/** Entry of the plug-in pulumi-resource-play: the engine starts it, it serves until the engine is gone. */
import { fstatSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { main } from '@pulumi/pulumi/provider/index.js'
import { createProcessRunner } from '../../adapters/execa-process-runner.ts'
import { connectEngineLog } from './engine-log.ts'
import { PlayProvider } from './provider.ts'

const env = process.env
const engineAddress = process.argv.slice(2).findLast((argument) => !argument.startsWith('-')) ?? ''
const engine = env['PLAY_ENGINE'] ?? 'docker'
const provider = new PlayProvider(
  env['PLAY_VERSION'] ?? '0.0.0',
  {
    processes: createProcessRunner({ env }),
    kind: env['PLAY_KIND'] ?? 'kind',
    engine,
    temporaryFolder: tmpdir(),
    env: engine === 'docker' ? {} : { KIND_EXPERIMENTAL_PROVIDER: engine },
  },
  connectEngineLog(engineAddress),
)
/**
 * Ends at once, and kind with it: the process runner kills its children when this process exits. Nothing is cleaned up,
 * since nobody waits for it; the next `play up` or `play down` does that.
 */
function end(): void {
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
