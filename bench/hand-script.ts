/** The playground as a good engineer would make it by hand: kind and kubectl in their best order, same bundle. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { componentRegistry } from '../src/components/index.ts'
import { editPodTemplate, place } from '../src/components/transform.ts'
import type { KubeObject } from '../src/domain/cluster.ts'
import type { ManifestSource } from '../src/domain/component.ts'

/** What the script works with; the same files that play uses. */
export interface HandTools {
  readonly kind: string
  readonly kubectl: string
  readonly image: string
  readonly env: Readonly<Record<string, string>>
  readonly folder: string
}

/** A manifest file for kubectl and the namespace to wait in. */
export interface HandManifest {
  readonly namespace: string
  readonly namespaceFile: string
  readonly file: string
}

/** Writes the manifests as kubectl takes them; not part of the time that is measured. */
export async function writeManifests(
  tools: HandTools,
  read: (source: ManifestSource) => Promise<readonly KubeObject[]>,
): Promise<readonly HandManifest[]> {
  return Promise.all(
    componentRegistry.all
      .filter(({ byDefault }) => byDefault)
      .map(async (component) => {
        // What any such script needs, and nothing of what play does to be faster.
        const objects = (await read(component.manifest)).map((object) =>
          editPodTemplate(place(object, component.namespace), (container) => ({
            ...container,
            imagePullPolicy: 'IfNotPresent',
          })),
        )
        const write = async (suffix: string, items: readonly KubeObject[]): Promise<string> => {
          const path = join(tools.folder, `${component.id}-${suffix}.json`)
          await writeFile(path, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
          return path
        }
        const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: component.namespace } }
        return {
          namespace: component.namespace,
          namespaceFile: await write('namespace', [namespace]),
          file: await write('objects', objects),
        }
      }),
  )
}

/** `kind create cluster`, waiting for the node if asked. */
export async function createByHand(tools: HandTools, name: string, wait: boolean): Promise<void> {
  const args = [
    'create',
    'cluster',
    '--name',
    name,
    '--image',
    tools.image,
    '--kubeconfig',
    kubeconfig(tools),
  ]
  await execa(tools.kind, wait ? [...args, '--wait', '120s'] : args, { env: tools.env })
}

/** Deletes what createByHand made. */
export async function deleteByHand(tools: HandTools, name: string): Promise<void> {
  await execa(tools.kind, ['delete', 'cluster', '--name', name, '--kubeconfig', kubeconfig(tools)], {
    env: tools.env,
  })
}

/** The whole platform by hand: cluster, then both manifests at once, then every workload. */
export async function platformByHand(
  tools: HandTools,
  name: string,
  manifests: readonly HandManifest[],
): Promise<void> {
  await createByHand(tools, name, false)
  const kubectl = (...args: string[]): Promise<unknown> =>
    execa(tools.kubectl, ['--kubeconfig', kubeconfig(tools), ...args], { env: tools.env })
  await Promise.all(
    manifests.map(async ({ namespace, namespaceFile, file }) => {
      await kubectl('apply', '--server-side', '-f', namespaceFile)
      await kubectl('apply', '--server-side', '-f', file)
      const workloads = ['deployment,statefulset']
      await kubectl('rollout', 'status', '--namespace', namespace, '--timeout', '300s', ...workloads)
    }),
  )
  await kubectl('wait', '--for=condition=Ready', 'node', '--all', '--timeout', '120s')
}

function kubeconfig({ folder }: HandTools): string {
  return join(folder, 'hand-kubeconfig')
}
