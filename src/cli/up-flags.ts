/** The flags of `play up`, each with its variable. */
import * as Flags from '@oclif/core/flags'
import { dryRunFlag, portFlag, timeoutFlag, yesFlag } from './flags.ts'

export const upFlags = {
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
    summary:
      'Components to add, comma-separated: registry, buildkit. There unless left out: git, argo-cd, argo-workflows.',
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
