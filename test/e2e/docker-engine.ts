/** A real Docker engine of its own for the end-to-end tests, on a Debian machine, as root, beside whatever runs there. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProcessRunner } from '../../src/domain/ports.ts'
import { createProcessRunner } from '../../src/adapters/execa-process-runner.ts'
import { systemClock } from '../../src/adapters/system-clock.ts'
import { waitUntil, type Probe } from '../../src/engine/wait.ts'
import { installMissing } from './debian-packages.ts'
import { cleanNetwork, networkNow } from './docker-network.ts'
import { limitedRuntime } from './limited-runtime.ts'

/** A running engine. */
export interface DockerEngine {
  /** Value of DOCKER_HOST for its clients. */
  readonly dockerHost: string
  /** Ends it, with its containers, mounts, network and folder. */
  stop(): Promise<void>
}

/** Debian's packages for the commands that the rig runs. */
const packages: Readonly<Record<string, string>> = {
  dockerd: 'docker.io',
  containerd: 'containerd',
  runc: 'runc',
  jq: 'jq',
  iptables: 'iptables',
  ip: 'iproute2',
  // What the tests run in their containers.
  busybox: 'busybox-static',
}

const never = new AbortController().signal

/**
 * Starts dockerd with everything it has below `dir`, which is made, and which must be short: sockets have at
 * most 107 characters. Installs Debian's packages first where programs are missing. Resolves when the
 * engine answers; throws with the last lines of its log when it does not.
 */
export async function startDocker(dir: string): Promise<DockerEngine> {
  const processes = createProcessRunner({ env: process.env })
  await installMissing(packages, processes)
  await stopLeftover(dir)
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const before = await networkNow(processes)
  const daemon = await startDaemon(dir)
  const stop = async (): Promise<void> => {
    await endDaemon(daemon, dir)
    await unmountBelow(dir, processes)
    await rm(dir, { recursive: true, force: true })
    await cleanNetwork(before, processes)
  }
  try {
    await answers(daemon, dir)
  } catch (error) {
    const log = await readFile(join(dir, 'log'), 'utf8').catch(() => '')
    await stop()
    throw new Error(`dockerd did not start:\n${log.split('\n').slice(-20).join('\n')}`, { cause: error })
  }
  return { dockerHost: `unix://${socketOf(dir)}`, stop }
}

function socketOf(dir: string): string {
  return join(dir, 'sock')
}

async function startDaemon(dir: string): Promise<ChildProcess> {
  const runtime = join(dir, 'runc-limited')
  await writeFile(runtime, limitedRuntime, { mode: 0o755 })
  const config = {
    'data-root': join(dir, 'data'),
    'exec-root': join(dir, 'exec'),
    pidfile: join(dir, 'pid'),
    hosts: [`unix://${socketOf(dir)}`],
    'storage-driver': 'overlay2',
    ip6tables: false,
    runtimes: { limited: { path: runtime } },
    'default-runtime': 'limited',
    'default-ulimits': { nofile: { Name: 'nofile', Soft: 4096, Hard: 4096 } },
  }
  await writeFile(join(dir, 'daemon.json'), JSON.stringify(config))
  const log = await open(join(dir, 'log'), 'w')
  try {
    // A session of its own: the terminal's Ctrl-C ends the tests, and their clean-up ends the daemon.
    const stdio = ['ignore', log.fd, log.fd] as const
    const options = { stdio: [...stdio], detached: true, env: { PATH: process.env['PATH'], HOME: dir } }
    return spawn('dockerd', ['--config-file', join(dir, 'daemon.json')], options)
  } finally {
    await log.close()
  }
}

async function answers(daemon: ChildProcess, dir: string): Promise<void> {
  const clients = createProcessRunner({ env: { ...process.env, DOCKER_HOST: `unix://${socketOf(dir)}` } })
  const probe = async (): Promise<Probe<true>> => {
    if (daemon.exitCode !== null) throw new Error(`it ended with exit code ${String(daemon.exitCode)}`)
    const args = ['version', '--format', '{{.Server.Version}}']
    const { exitCode, stderr } = await clients.run('docker', args, { signal: never, timeoutMs: 10_000 })
    return exitCode === 0 ? { done: true, value: true } : { done: false, seen: stderr.trim() }
  }
  const options = {
    waitedFor: 'dockerd',
    timeoutMs: 60_000,
    intervalMs: 200,
    signal: never,
    clock: systemClock,
  }
  await waitUntil(probe, options)
}

/** Asks it to end, which stops its containers first, and kills it when that takes too long. */
async function endDaemon(daemon: ChildProcess, dir: string): Promise<void> {
  if (daemon.pid !== undefined) await endProcess(daemon.pid, 'dockerd')
  // A killed dockerd leaves the containerd that it started.
  const containerd = await readFile(join(dir, 'exec', 'containerd', 'containerd.pid'), 'utf8').catch(() => '')
  if (containerd.trim() !== '') await endProcess(Number(containerd), 'containerd')
}

/** Ends what a former run left behind in the same folder. */
async function stopLeftover(dir: string): Promise<void> {
  const pid = await readFile(join(dir, 'pid'), 'utf8').catch(() => '')
  if (pid.trim() !== '') await endProcess(Number(pid), 'dockerd')
  await unmountBelow(dir, createProcessRunner({ env: process.env }))
  await rm(dir, { recursive: true, force: true })
}

/** Ends exactly this process, if that number still is this program. */
async function endProcess(pid: number, program: string): Promise<void> {
  const isThere = async (): Promise<boolean> => {
    const name = await readFile(`/proc/${String(pid)}/comm`, 'utf8').catch(() => '')
    const status = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => ') Z')
    return name.trim() === program && !/\) Z/.test(status)
  }
  const gone = async (): Promise<Probe<true>> =>
    (await isThere()) ? { done: false, seen: 'it runs' } : { done: true, value: true }
  const wait = (timeoutMs: number): Promise<true> =>
    waitUntil(gone, { waitedFor: program, timeoutMs, intervalMs: 100, signal: never, clock: systemClock })
  if (!(await isThere())) return
  process.kill(pid, 'SIGTERM')
  await wait(60_000).catch(async () => {
    process.kill(pid, 'SIGKILL')
    await wait(10_000)
  })
}

/** Undoes mounts below the folder, the deepest first. */
async function unmountBelow(dir: string, processes: ProcessRunner): Promise<void> {
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n')
  const below = mounts.map((line) => line.split(' ')[4] ?? '').filter((path) => path.startsWith(`${dir}/`))
  for (const path of below.reverse()) await processes.run('umount', ['--lazy', path], { signal: never })
}
