/** GitOps in a real cluster, for its contract: commits are pushed as a person's git would. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { clusterOrigin } from '../../src/components/git/git-daemon.ts'
import { gitDaemonServer } from '../../src/components/git/repository.ts'
import type { ClusterClient } from '../../src/domain/ports.ts'
import type { GitOps } from '../../src/domain/slots.ts'
import type { GitOpsWorld } from '../contract/gitops.contract.ts'

/** The cluster behind the client, with play's own git in it. */
export async function gitOpsWorld(gitOps: GitOps, client: ClusterClient): Promise<GitOpsWorld> {
  const end = new AbortController()
  const { namespace, pushPort, repository } = gitDaemonServer
  const pod = (signal: AbortSignal): Promise<string> => gitDaemonServer.pod(client, signal)
  const forward = await client.forward({ namespace, pod, port: pushPort }, end.signal)
  const folder = await mkdtemp(join(tmpdir(), 'play-gitops-'))
  const git = async (...args: readonly string[]): Promise<string> => {
    const author = ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.com']
    return (await execa('git', ['-C', folder, ...author, ...args])).stdout
  }
  await git('clone', '--quiet', `git://127.0.0.1:${String(forward.port)}/${repository}`, '.')
  return {
    gitOps,
    client,
    url: clusterOrigin.url,
    async publish(files) {
      for (const [path, text] of Object.entries(files)) {
        const file = join(folder, path)
        if (text === undefined) await rm(file, { force: true })
        else {
          await mkdir(dirname(file), { recursive: true })
          await writeFile(file, text)
        }
      }
      await git('add', '--all')
      await git('commit', '--quiet', '--allow-empty', '--message', 'A test')
      await git('push', '--quiet', 'origin', 'HEAD:refs/heads/main')
      return git('rev-parse', 'HEAD')
    },
    async end() {
      end.abort()
      await forward.closed
      await rm(folder, { recursive: true, force: true })
    },
  }
}
