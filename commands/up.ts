/** play up: create a playground, or bring it back to what it should be. */
import { listOf, nameArgument, namesOf } from '../src/cli/flags.ts'
import { PlayCommand } from '../src/cli/play-command.ts'
import { defaultName } from '../src/domain/names.ts'
import { orRollBack } from '../src/cli/roll-back.ts'
import { gitOf, ownRegistryOf, upFlags } from '../src/cli/up-flags.ts'
import { upLines } from '../src/cli/views.ts'
import { up } from '../src/workflows/up.ts'

export default class Up extends PlayCommand {
  static override summary = 'Create a playground, or bring one back to what it should be.'
  static override description =
    'Creates a Kubernetes cluster with kind, installs the components, waits until everything is healthy and makes the cluster the current context of your kubeconfig. Run it again at any time: it looks first and changes only what differs.'
  static override examples = [
    '<%= config.bin %> up',
    '<%= config.bin %> up workshop --without argo-cd',
    '<%= config.bin %> up --git https://example.org/me/playground.git --git-credentials token',
    '<%= config.bin %> up --registry ghcr.io/me --registry-credentials config.json',
    '<%= config.bin %> up --ttl 4h',
    '<%= config.bin %> up --dry-run',
  ]
  static override args = { name: nameArgument() }
  static override flags = upFlags

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Up)
    const name = args.name ?? defaultName
    const options = {
      name,
      ...(flags.nodes === undefined ? {} : { nodes: flags.nodes }),
      ...(flags['kubernetes-version'] === undefined
        ? {}
        : { kubernetesVersion: flags['kubernetes-version'] }),
      with: namesOf(flags.with),
      without: namesOf(flags.without),
      ...(flags.port === undefined ? {} : { ports: listOf(flags.port) }),
      ...gitOf(flags),
      ...ownRegistryOf(flags),
      ...(flags.ttl === undefined ? {} : { ttlMs: flags.ttl }),
      timeoutMs: flags.timeout,
      mergeKubeconfig: flags.kubeconfig,
      wait: flags.wait,
    }
    const { 'on-failure': onFailure, 'on-interrupt': onInterrupt, 'dry-run': dryRun } = flags
    await this.answer(flags, (app) =>
      orRollBack({ name, onFailure, onInterrupt, dryRun }, app, async () => {
        const session = app.session(name, `play up ${name}`, dryRun)
        const result = await up(options, app.ports, app.registries, session)
        return { result, lines: await upLines(result, app) }
      }),
    )
  }
}
