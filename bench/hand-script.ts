/** The playground as a good engineer would make it by hand: kind and kubectl in their best order, same bundle. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { argoApplications } from '../src/components/gitops/argo-applications.ts'
import { applicationsOf } from '../src/components/hand-over.ts'
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

/** Writes the manifests as kubectl and git take them; not part of the time that is measured. */
export async function writeManifests(
  tools: HandTools,
  read: (source: ManifestSource) => Promise<readonly KubeObject[]>,
): Promise<readonly HandManifest[]> {
  await writeApplications(tools)
  return Promise.all(
    componentRegistry.all
      .filter(({ byDefault }) => byDefault)
      .map(async (component) => {
        // What any such script needs, and nothing of what play does to be faster.
        const isOurs = 'asset' in component.manifest
        // Manifests of play's own leave their image to their component.
        const upstream = (await read(component.manifest)).map((object) =>
          isOurs ? component.adjust(object) : object,
        )
        const objects = upstream.map((object) =>
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
        await writeFolder(join(tools.folder, 'repository', 'platform', component.id), [namespace, ...objects])
        return {
          namespace: component.namespace,
          namespaceFile: await write('namespace', [namespace]),
          file: await write('objects', objects),
        }
      }),
  )
}

async function writeFolder(folder: string, objects: readonly KubeObject[]): Promise<void> {
  await mkdir(folder, { recursive: true })
  const files = new Map(
    objects.map((object) => [`${object.kind}-${object.metadata.name.replaceAll(':', '-')}.json`, object]),
  )
  await Promise.all([...files].map(([name, object]) => writeFile(join(folder, name), JSON.stringify(object))))
}

async function writeApplications(tools: HandTools): Promise<void> {
  const components = componentRegistry.all.filter(({ byDefault }) => byDefault)
  const { parts, root } = applicationsOf(components, argoApplications, 'by-hand')
  await writeFolder(join(tools.folder, 'repository', 'apps'), parts)
  // kubectl looks for the kinds of a whole file first, so that projects cannot stand beside their definition.
  const items = [...components.flatMap(({ extraObjects }) => extraObjects), ...parts, root]
  await writeFile(applicationsFile(tools), JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
}

function applicationsFile({ folder }: HandTools): string {
  return join(folder, 'applications.json')
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

/** The whole platform by hand: cluster, then all manifests at once, then every workload, then git and Argo CD's applications. */
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
  await pushByHand(tools)
  await kubectl('apply', '--server-side', '-f', applicationsFile(tools))
  for (const [path, value] of Object.entries({ 'sync.status': 'Synced', 'health.status': 'Healthy' })) {
    const until = `--for=jsonpath={.status.${path}}=${value}`
    await kubectl('wait', '--namespace', 'argocd', 'applications', '--all', until, '--timeout', '300s')
  }
}

/** Makes the repository in the cluster and pushes to it through a port-forward. */
async function pushByHand(tools: HandTools): Promise<void> {
  const { env, kubectl } = tools
  const inGit = ['--kubeconfig', kubeconfig(tools), '--namespace', 'git']
  const init = ['git', 'init', '--quiet', '--bare', '--initial-branch=main', '/srv/git/playground']
  await execa(kubectl, [...inGit, 'exec', 'deployment/git', '--container', 'git', '--', ...init], { env })
  const forward = execa(kubectl, [...inGit, 'port-forward', 'deployment/git', ':9419'], {
    env,
    reject: false,
  })
  try {
    const port = await new Promise<string>((resolve, reject) => {
      forward.stdout.on('data', (chunk: Buffer) => {
        const found = /127\.0\.0\.1:(\d+) ->/.exec(chunk.toString())?.[1]
        if (found !== undefined) resolve(found)
      })
      void forward.then(({ stderr }) => {
        reject(new Error(stderr))
      })
    })
    const git = (...args: string[]): Promise<unknown> =>
      execa('git', [
        '-C',
        join(tools.folder, 'repository'),
        '-c',
        'user.name=a',
        '-c',
        'user.email=a@b',
        ...args,
      ])
    await git('init', '--quiet', '--initial-branch=main')
    await git('add', '--all')
    await git('commit', '--quiet', '--allow-empty', '--message', 'The platform')
    await git('push', '--quiet', `git://127.0.0.1:${port}/playground`, 'main')
  } finally {
    forward.kill()
    await rm(join(tools.folder, 'repository', '.git'), { recursive: true, force: true })
  }
}

function kubeconfig({ folder }: HandTools): string {
  return join(folder, 'hand-kubeconfig')
}
