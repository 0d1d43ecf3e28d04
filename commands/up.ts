/** play up: create a playground, or bring it back to what it should be. */
import * as Flags from '@oclif/core/flags'
import { dryRunFlag, listOf, nameArgument, namesOf, portFlag, timeoutFlag, yesFlag } from '../src/cli/flags.ts'
import { PlayCommand } from '../src/cli/play-command.ts'
import { defaultName } from '../src/domain/names.ts'
import { upLines } from '../src/cli/views.ts'
import { up } from '../src/workflows/up.ts'

export default class Up extends PlayCommand {
  static override summary = 'Create a playground, or bring one back to what it should be.'
  static override description =
    'Creates a Kubernetes cluster with kind, installs the components, waits until everything is healthy and makes the cluster the current context of your kubeconfig. Run it again at any time: it looks first and changes only what differs.'
  static override examples = [
    '<%= config.bin %> up',
    '<%= config.bin %> up workshop --without argo-cd',
    '<%= config.bin %> up --dry-run',
  ]
  static override args = { name: nameArgument() }
  static override flags = {
    nodes: Flags.integer({
      summary: 'Number of nodes, 1 to 10; the first is the control plane (default: 1).',
      env: 'PLAY_NODES',
      min: 1,
      max: 10,
    }),
    'kubernetes-version': Flags.string({
      summary: 'Kubernetes version, such as 1.34.10 (default: that of the bundle, else the pinned one).',
      env: 'PLAY_KUBERNETES_VERSION',
    }),
    with: Flags.string({
      summary: 'Components to add, comma-separated; all are there unless left out: argo-cd, argo-workflows.',
      env: 'PLAY_WITH',
      multiple: true,
      multipleNonGreedy: true,
    }),
    without: Flags.string({
      summary: 'Components to leave out, comma-separated.',
      env: 'PLAY_WITHOUT',
      multiple: true,
      multipleNonGreedy: true,
    }),
    port: portFlag({ multiple: true, multipleNonGreedy: true }),
    wait: Flags.boolean({
      summary: 'Wait until everything is healthy (default); --no-wait ends when everything is applied.',
      env: 'PLAY_WAIT',
      default: true,
      allowNo: true,
    }),
    kubeconfig: Flags.boolean({
      summary:
        'Put the context into your kubeconfig and make it current (default); --no-kubeconfig leaves it alone.',
      env: 'PLAY_KUBECONFIG',
      default: true,
      allowNo: true,
    }),
    timeout: timeoutFlag(),
    'dry-run': dryRunFlag,
    yes: yesFlag,
  }

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
      timeoutMs: flags.timeout,
      mergeKubeconfig: flags.kubeconfig,
      wait: flags.wait,
    }
    await this.answer(flags, async (app) => {
      const session = app.session(name, `play up ${name}`, flags['dry-run'])
      const result = await up(options, app.ports, app.registries, session)
      return { result, lines: await upLines(result, app) }
    })
  }
}
