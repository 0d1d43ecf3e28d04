/** oclif's help, with the exit codes and the environment that every command shares. */
import { Help } from '@oclif/core/help'
import { exitCodes } from '../domain/catalog-entry.ts'

const meanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  bug: 'an error in play itself',
  usage: 'wrong flags or arguments',
  prerequisite: 'a tool, an engine or disk space is missing',
  conflict: 'something exists, is missing or is in use',
  source: 'making or removing the cluster failed',
  cluster: 'the cluster refused something or is unhealthy',
  timeout: 'a step took longer than --timeout',
  network: 'a download failed, or there is no bundle',
  leftovers: 'down could not remove everything',
  unknown: 'down could not look everywhere',
  interrupted: 'interrupted (143 for SIGTERM, 129 for a closed terminal)',
}

/** Every exit code with its meaning in a few words, 0 first; the reference is generated from it too. */
export const exitCodeMeanings: readonly (readonly [code: number, meaning: string])[] = [
  [0, 'done, or already so'],
  ...(Object.keys(meanings) as (keyof typeof exitCodes)[]).map(
    (kind) => [exitCodes[kind], meanings[kind]] as const,
  ),
]

const environment = [
  'Most flags have a variable, which --help of a command names: --output is PLAY_OUTPUT.',
  'PLAY_ENGINE      docker or podman, where both run',
  'PLAY_BUNDLE      folder of a bundle to use',
  'PLAY_KIND        path of kind, PLAY_PULUMI of pulumi: used instead of what play finds',
  'PLAY_STATE_DIR   where playgrounds are kept',
  'PLAY_CACHE_DIR   where bundles and downloads are kept',
  'PLAY_CONFIG_DIR  where settings for podman are kept',
  'KUBECONFIG       your kubeconfig, where the context of a playground goes',
  'NO_COLOR         no colour',
]

/** Used by oclif for every `--help`. */
// eslint-disable-next-line no-restricted-syntax -- oclif takes the default export of the file that package.json names
export default class PlayHelp extends Help {
  protected override async showRootHelp(): Promise<void> {
    await super.showRootHelp()
    const codes = exitCodeMeanings.map(([code, meaning]) => `${String(code).padStart(3)}  ${meaning}`)
    this.log(this.section('EXIT CODES', codes.join('\n')))
    this.log('')
    this.log(this.section('ENVIRONMENT', environment.join('\n')))
  }
}
