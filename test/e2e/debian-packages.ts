/** Programs from Debian's packages that the tests need on the machine. */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProcessRunner } from '../../src/domain/ports.ts'

/** Installs the packages of those programs that are missing, which takes root; `packages` has them by program. */
export async function installMissing(
  packages: Readonly<Record<string, string>>,
  processes: ProcessRunner,
): Promise<void> {
  const missing: string[] = []
  for (const [program, name] of Object.entries(packages)) {
    const folders = ['/usr/sbin', '/usr/bin', '/sbin', '/bin']
    const found = folders.map((folder) => access(join(folder, program)))
    if ((await Promise.allSettled(found)).every(({ status }) => status === 'rejected')) missing.push(name)
  }
  if (missing.length === 0) return
  process.stderr.write(`Installing from Debian: ${missing.join(', ')}\n`)
  // Run level 1 keeps the packages from starting services of their own.
  const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  const install = ['install', '--yes', '--no-install-recommends', ...missing]
  for (const args of [['update'], install]) {
    const options = { signal: new AbortController().signal, timeoutMs: 600_000, env }
    const { exitCode, stderr } = await processes.run('apt-get', args, options)
    if (exitCode !== 0) throw new Error(`apt-get ${args.join(' ')}: ${stderr}`)
  }
}
