/** The operator in a real cluster, for its contract: what a program made is read from the state on the node. */
import { execa } from 'execa'
import type { Infrastructure } from '../../src/domain/infrastructure.ts'
import type { ClusterClient } from '../../src/domain/ports.ts'
import type { InfrastructureWorld } from '../contract/infrastructure.contract.ts'

interface Checkpoint {
  readonly checkpoint: { readonly latest?: { readonly resources?: readonly { readonly type: string }[] } }
}

/** `node` is the container of the control plane. A Stash is what Pulumi makes without any plug-in. */
export function infrastructureWorld(
  infrastructure: Infrastructure,
  client: ClusterClient,
  node: string,
): InfrastructureWorld {
  const engine = process.env['PLAY_ENGINE'] ?? 'podman'
  return {
    infrastructure,
    client,
    making: (text) => ({
      resources: { kept: { type: 'pulumi:index:Stash', properties: { input: text } } },
      outputs: { said: '${kept.input}' },
    }),
    failing: { outputs: { said: '${nobody.knows}' } },
    async made(name) {
      const file = `/var/lib/play/pulumi/.pulumi/stacks/${name}/play.json`
      const { stdout } = await execa(engine, ['exec', node, 'cat', file])
      const { latest } = (JSON.parse(stdout) as Checkpoint).checkpoint
      return (latest?.resources ?? []).filter(({ type }) => type === 'pulumi:index:Stash').length
    },
    end: () => Promise.resolve(),
  }
}
