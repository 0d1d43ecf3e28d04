/** Answers commands in the git pod with the git of this machine, on a temporary folder in place of /srv/git. */
import { spawn } from 'node:child_process'
import type { FakeCluster } from './fake-cluster.ts'
import type { CommandAnswer } from './pod-commands.ts'

/** Puts a git pod into the cluster that serves the repositories in `folder`. */
export function serveGit(cluster: FakeCluster, folder: string): void {
  cluster.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'git' } })
  cluster.put({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'git-1', namespace: 'git', labels: { 'app.kubernetes.io/name': 'git' } },
    status: { containerStatuses: [{ name: 'git', ready: true }] },
  })
  cluster.onExec = ({ command, stdin }) =>
    runGit(
      command.map((word) => word.replace(/^\/srv\/git/, folder)),
      stdin,
    )
}

/** Runs a command that uses git, without this machine's settings. Fails where there is no such program. */
export function runGit([program = '', ...args]: readonly string[], stdin?: Buffer): Promise<CommandAnswer> {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' }
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env })
    const output = { stdout: '', stderr: '' }
    child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => {
      resolve({ exitCode: code ?? 1, ...output })
    })
    // A program that does not read its input is no fault of it.
    child.stdin.on('error', () => undefined)
    child.stdin.end(stdin)
  })
}
