/** oclif's help, with the exit codes and the environment that every command shares. */
import { Help } from '@oclif/core/help'
import { exitCodes } from '../domain/error-catalog.ts'

const meanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  bug: 'play itself is at fault',
  usage: 'wrong flags or arguments',
  prerequisite: 'a tool, an engine or disk space is missing',
  conflict: 'something exists, is missing or is in use',
  source: 'making or removing the cluster failed',
  cluster: 'the cluster refused something or is unhealthy',
  timeout: 'still going when patience ended',
  network: 'a download failed, or there is no bundle',
  leftovers: 'down could not remove everything',
  unknown: 'down could not look everywhere',
  interrupted: 'interrupted (143 for SIGTERM)',
}

/** Used by oclif for every `--help`. */
// eslint-disable-next-line no-restricted-syntax -- oclif takes the default export of the file that package.json names
export default class PlayHelp extends Help {
  protected override async showRootHelp(): Promise<void> {
    await super.showRootHelp()
    const codes = Object.entries(exitCodes) as [keyof typeof exitCodes, number][]
    const rows = [['0', 'done, or already so'], ...codes.map(([kind, code]) => [String(code), meanings[kind]])]
    this.log(this.section('EXIT CODES', rows.map(([code = '', text = '']) => `${code.padStart(3)}  ${text}`).join('\n')))
    this.log('')
    this.log(
      this.section(
        'ENVIRONMENT',
        [
          'Every flag has a variable: --output is PLAY_OUTPUT, --timeout is PLAY_TIMEOUT.',
          'PLAY_ENGINE      docker or podman, where both run',
          'PLAY_BUNDLE      folder of a bundle to use',
          'PLAY_STATE_DIR   where playgrounds are kept',
          'PLAY_CACHE_DIR   where bundles and downloads are kept',
          'NO_COLOR         no colour',
        ].join('\n'),
      ),
    )
  }
}
