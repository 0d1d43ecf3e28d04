/** Writes small bundles that are right in every respect but the size of their content. */
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { formatBundleIndex } from '../../src/artifacts/bundle-index.ts'
import type { BundleEntry, BundleIndex } from '../../src/artifacts/bundle-index.ts'

/** One file of the bundle and what its index says of it. */
export interface BundleFile extends Partial<Omit<BundleEntry, 'size' | 'sha256'>> {
  readonly name: string
  readonly kind: BundleEntry['kind']
  /** Absent for an image inside another. */
  readonly content?: string
}

/** What a small core bundle holds. */
export const coreFiles: readonly BundleFile[] = [
  { name: 'kind', kind: 'tool', version: 'v0.32.0', content: 'the program kind' },
  { name: 'pulumi', kind: 'tool', version: 'v3.259.0', content: 'the program pulumi' },
  {
    name: 'node',
    kind: 'node-image',
    version: 'v1.34.10',
    content: 'an image',
    reference: 'kindest/node:v1.34.10',
  },
  { name: 'argocd', kind: 'image', reference: 'quay.io/argoproj/argocd:v3.5.1', containedIn: 'node' },
  { name: 'extra', kind: 'image', content: 'another image', reference: 'example.org/extra:1' },
  {
    name: 'argo-cd',
    kind: 'manifest',
    version: 'v3.5.1',
    content: '[{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"bundled"}}]',
  },
]

const sum = (content: string): string => createHash('sha256').update(content).digest('hex')

function entryOf(file: BundleFile): BundleEntry {
  const { content = '', ...told } = file
  const place = told.containedIn === undefined ? { path: `${told.kind}s/${told.name}` } : {}
  return {
    version: '1',
    description: `a small ${told.name}`,
    source: `test:${told.name}`,
    size: content.length,
    sha256: sum(content),
    ...place,
    ...told,
  }
}

/** Writes the bundle into `folder`. */
export async function writeBundle(
  folder: string,
  files: readonly BundleFile[] = coreFiles,
  head: Partial<Omit<BundleIndex, 'entries'>> = {},
): Promise<void> {
  await mkdir(folder, { recursive: true })
  const index: BundleIndex = {
    formatVersion: 1,
    profile: 'core',
    platform: 'linux/amd64',
    kubernetesVersion: 'v1.34.10',
    createdAt: '2026-01-01T00:00:00Z',
    ...head,
    entries: files.map(entryOf),
  }
  for (const [position, entry] of index.entries.entries()) {
    if (entry.path === undefined) continue
    await mkdir(dirname(join(folder, entry.path)), { recursive: true })
    await writeFile(join(folder, entry.path), files[position]?.content ?? '')
  }
  await writeFile(join(folder, 'index.json'), formatBundleIndex(index))
}
