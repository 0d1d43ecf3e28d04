/** What every implementation of the slot `registry` promises, held against a cluster with a builder in e2e. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildkit } from '../../src/components/builder/buildkit.ts'
import type { Registry } from '../../src/domain/registry-slot.ts'

/** A registry, and a cluster that pushes to it and pulls from it. */
export interface RegistryWorld {
  readonly registry: Registry
  /** Runs a command in a workload such as `deployment/buildkit`; answers its output. Throws when it fails. */
  exec(namespace: string, workload: string, command: readonly string[]): Promise<string>
  /** Runs a pod to its end; answers its log. Throws, with the node's words, when the image cannot be had. */
  runPod(image: string): Promise<string>
  end(): Promise<void>
}

/** Declares the tests. `timeoutMs` is the patience with one of them. */
export function registryContract(
  name: string,
  open: () => Promise<RegistryWorld>,
  timeoutMs = 120_000,
): void {
  describe(`${name} keeps the contract of registries:`, { timeout: timeoutMs }, () => {
    // No node and no registry has it from before.
    const image = `play-contract:${randomUUID().slice(0, 8)}`
    let world: RegistryWorld

    beforeAll(async () => {
      world = await open()
    }, timeoutMs)
    afterAll(() => world.end(), timeoutMs)

    const push = (): Promise<string> => {
      const script = buildScript(`${world.registry.pushAddress}/${image}`)
      return world.exec(buildkit.namespace, 'deployment/buildkit', ['sh', '-c', script])
    }
    const run = (tag = ''): Promise<string> => world.runPod(`${world.registry.pullAddress}/${image}${tag}`)

    test('an image that was never pushed is refused', async () => {
      await expect(run('-unknown')).rejects.toThrow()
    })

    test('an image that a pod builds and pushes is run by another', async () => {
      await push()
      expect(await run()).toContain('buildctl github.com/moby/buildkit')
    })

    test('the same may be pushed again, and runs as before', async () => {
      await push()
      await push()
      expect(await run()).toContain('buildctl')
    })
  })
}

/** Builds an image of one program that says its version, and pushes it. */
function buildScript(reference: string): string {
  const dockerfile = 'FROM scratch\\nCOPY buildctl /\\nENTRYPOINT ["/buildctl", "--version"]\\n'
  return [
    'cd "$(mktemp -d)" && cp "$(command -v buildctl)" .',
    `printf '${dockerfile}' > Dockerfile`,
    `buildctl build --frontend dockerfile.v0 --local context=. --local dockerfile=. --output type=image,name=${reference},push=true`,
  ].join(' && ')
}
