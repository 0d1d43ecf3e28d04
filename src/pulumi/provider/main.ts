/** Entry of the plug-in pulumi-resource-play: the engine starts it, it serves until the engine is gone. */
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
// A killed engine sends no Cancel; its end of our standard input is what remains to be noticed.
process.stdin.on('end', () => {
  void provider.cancel()
})
process.stdin.resume()
await main(provider, process.argv.slice(2))
