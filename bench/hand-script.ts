/** The playground as a good engineer would make it by hand: kind and kubectl in their best order, same bundle. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import type { HandManifest, HandPlatform } from './hand-manifests.ts'

/** What the script works with; the same files that play uses. */
export interface HandTools {
  readonly kind: string
  readonly kubectl: string
  readonly image: string
  readonly env: Readonly<Record<string, string>>
  readonly folder: string
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
  { manifests, applicationsFile, repository }: HandPlatform,
): Promise<void> {
  await createByHand(tools, name, false)
  await Promise.all(manifests.map((manifest) => componentByHand(tools, name, manifest)))
  await kubectl(tools, 'wait', '--for=condition=Ready', 'node', '--all', '--timeout', '120s')
  // Nothing that is waited for runs these.
  const loading = Promise.all(manifests.map(({ laterArchives }) => loadByHand(tools, name, laterArchives)))
  await Promise.all([loading, handOverByHand(tools, repository, applicationsFile)])
}

/** A pod that starts before its image is there would wait ten seconds more. */
async function componentByHand(tools: HandTools, name: string, manifest: HandManifest): Promise<void> {
  const { namespace, namespaceFile, file, archives } = manifest
  await Promise.all([
    loadByHand(tools, name, archives),
    kubectl(tools, 'apply', '--server-side', '-f', namespaceFile),
  ])
  await kubectl(tools, 'apply', '--server-side', '-f', file)
  const rollout = ['rollout', 'status', '--namespace', namespace, '--timeout', '300s']
  await kubectl(tools, ...rollout, 'deployment,statefulset')
}

async function loadByHand(tools: HandTools, name: string, archives: readonly string[]): Promise<void> {
  for (const archive of archives)
    await execa(tools.kind, ['load', 'image-archive', archive, '--name', name], { env: tools.env })
}

async function handOverByHand(tools: HandTools, repository: string, applicationsFile: string): Promise<void> {
  await pushByHand(tools, repository)
  await kubectl(tools, 'apply', '--server-side', '-f', applicationsFile)
  for (const [path, value] of Object.entries({ 'sync.status': 'Synced', 'health.status': 'Healthy' })) {
    const until = `--for=jsonpath={.status.${path}}=${value}`
    await kubectl(tools, 'wait', '--namespace', 'argocd', 'applications', '--all', until, '--timeout', '300s')
  }
}

async function kubectl(tools: HandTools, ...args: readonly string[]): Promise<void> {
  await execa(tools.kubectl, ['--kubeconfig', kubeconfig(tools), ...args], { env: tools.env })
}

/** Makes the repository in the cluster and pushes to it through a port-forward. */
async function pushByHand(tools: HandTools, repository: string): Promise<void> {
  const { env } = tools
  const inGit = ['--kubeconfig', kubeconfig(tools), '--namespace', 'git']
  const init = ['git', 'init', '--quiet', '--bare', '--initial-branch=main', '/srv/git/playground']
  await execa(tools.kubectl, [...inGit, 'exec', 'deployment/git', '--container', 'git', '--', ...init], {
    env,
  })
  const forward = execa(tools.kubectl, [...inGit, 'port-forward', 'deployment/git', ':9419'], {
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
      execa('git', ['-C', repository, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args])
    await git('init', '--quiet', '--initial-branch=main')
    await git('add', '--all')
    await git('commit', '--quiet', '--allow-empty', '--message', 'The platform')
    await git('push', '--quiet', `git://127.0.0.1:${port}/playground`, 'main')
  } finally {
    forward.kill()
    await rm(join(repository, '.git'), { recursive: true, force: true })
  }
}

function kubeconfig({ folder }: HandTools): string {
  return join(folder, 'hand-kubeconfig')
}
