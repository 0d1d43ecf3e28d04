// The layer of kube-proxy's image: the program, and the packet filter tools it calls with their libraries.
import { chmod, glob, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { LayerSources } from './base-layers.ts'
import { librariesOf, mergeUsr, placeFile, placeFromRootfs, placeLinks, placeText } from './layer-contents.ts'

const TOOLS = [
  '/usr/sbin/xtables-nft-multi',
  '/usr/sbin/nft',
  '/usr/sbin/conntrack',
  '/bin/dash',
  '/bin/kmod',
]

const FILTER_COMMANDS = [
  'iptables',
  'iptables-save',
  'iptables-restore',
  'ip6tables',
  'ip6tables-save',
  'ip6tables-restore',
]

/** Fills `root` with kube-proxy and what it runs, taken from the node's Debian system. */
export async function fillKubeProxy(root: string, sources: LayerSources): Promise<void> {
  const { nodeRootfs, signal } = sources
  await mergeUsr(root)
  await mkdir(join(root, 'lib64'), { recursive: true })
  for (const folder of ['tmp', 'run', 'etc', 'var/lib']) await mkdir(join(root, folder), { recursive: true })
  await chmod(join(root, 'tmp'), 0o1777)
  const extensions: string[] = []
  for await (const file of glob('usr/lib/x86_64-linux-gnu/xtables/*.so', { cwd: nodeRootfs }))
    extensions.push(`/${file}`)
  const libraries = await librariesOf(nodeRootfs, [...TOOLS, ...extensions], signal)
  const tools = TOOLS.map((tool) => tool.replace(/^\/bin\//, '/usr/bin/'))
  const placed = [
    ...tools,
    ...extensions,
    ...libraries.map((library) => library.replace(/^\/lib\//, '/usr/lib/')),
  ]
  await placeFromRootfs(root, nodeRootfs, [...new Set(placed)].sort(), signal)
  await placeLinks(
    root,
    'xtables-nft-multi',
    FILTER_COMMANDS.map((name) => `usr/sbin/${name}`),
  )
  await placeLinks(root, 'dash', ['usr/bin/sh'])
  await placeLinks(root, '../bin/kmod', ['usr/sbin/modprobe'])
  await placeText(root, 'etc/nsswitch.conf', 'hosts: files dns\n')
  await placeFile(root, { from: sources.program('kube-proxy'), to: 'usr/local/bin/kube-proxy' })
}
