import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
// Loaded once and before any clock runs: it takes a second.
import '../../../src/sources/kind/program.ts'
import { registryHosts, registryHostsPath } from '../../../src/sources/kind/node-files.ts'
import { FakeWorld, packageRoot } from '../../fakes/fake-ports.ts'
import { runUp } from '../workflows/verbs.ts'

test('nodes are told the registry’s address under the name that images have', () => {
  expect(registryHosts).toBe(
    'server = "http://10.96.0.50:5000"\n\n[host."http://10.96.0.50:5000"]\n  capabilities = ["pull", "resolve"]\n',
  )
  // A colon would end the path in an engine's --volume.
  expect(registryHostsPath).toBe(
    '/etc/containerd/certs.d/registry.registry.svc.cluster.local_5000_/hosts.toml',
  )
})

test('every node has the file, with and without a registry', async () => {
  const world = new FakeWorld()
  await runUp(world, { nodes: 2 })
  expect(world.states.files.get('dev')?.get('registry-hosts.toml')).toBe(registryHosts)
  const source = '/states/playgrounds/dev/registry-hosts.toml'
  for (const { mounts } of world.engine.containers.values())
    expect(mounts).toContainEqual({ source, destination: registryHostsPath })
})

test('containerd of our own node image looks for it', () => {
  const config = readFileSync(join(packageRoot, 'offline/node-files/etc/containerd/config.toml'), 'utf8')
  expect(config).toMatch(/\.registry\]\n\s+config_path = "\/etc\/containerd\/certs\.d"/)
})
