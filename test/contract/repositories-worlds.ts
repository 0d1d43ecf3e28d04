/** Repositories of demos in the git pod of a cluster, or in a temporary folder that stands for it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { demoRepositories } from '../../src/components/git/demo-repositories.ts'
import { gitPod } from '../../src/components/git/git-pod.ts'
import type { RepositoryClient } from '../../src/domain/slots.ts'
import { FakeCluster } from '../fakes/fake-cluster.ts'
import { serveGit } from '../fakes/local-git.ts'
import type { RepositoriesWorld } from './repositories.contract.ts'

// A push of git's own, with the checks that the server makes.
const pushScript = `
copy=$(mktemp -d)
git clone --quiet --branch main "$1" "$copy"
cd "$copy"
mkdir -p "$(dirname "$2")"
printf %s "$3" > "$2"
git add --all
git -c user.name=me -c user.email=me@example.org commit --quiet --message Mine
git push --quiet origin HEAD:main
rm -rf "$copy"
`

/** Those of a cluster with play's own git; git runs in its pod. */
export function repositoriesWorld(client: RepositoryClient): RepositoriesWorld {
  const { signal } = new AbortController()
  const run = async (...command: readonly string[]): Promise<string> => {
    const pod = await gitPod(client, signal)
    const { exitCode, stdout, stderr } = await client.exec(
      { namespace: 'git', pod, container: 'git', command },
      signal,
    )
    if (exitCode !== 0) throw new Error(stderr)
    return stdout
  }
  return {
    repositories: demoRepositories,
    client,
    // A word of its own, as what stands for the pod knows the folder only at the beginning of one.
    git: (name, ...args) => run('git', '--git-dir', `/srv/git/${name}`, ...args),
    async push(name, path, text) {
      await run('sh', '-euc', pushScript, 'sh', `/srv/git/${name}`, path, text)
    },
    end: () => Promise.resolve(),
  }
}

/** The same with the git of this machine. */
export async function localRepositoriesWorld(): Promise<RepositoriesWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'play-git-'))
  const cluster = new FakeCluster()
  serveGit(cluster, folder)
  return { ...repositoriesWorld(cluster), end: () => rm(folder, { recursive: true }) }
}
