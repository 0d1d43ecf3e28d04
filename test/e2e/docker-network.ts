/** What a Docker engine leaves behind in the machine's network, and how it is taken out again. */
import { readdir } from 'node:fs/promises'
import type { ProcessRunner } from '../../src/domain/ports.ts'

/** The network before an engine was started. */
export interface NetworkBefore {
  readonly interfaces: readonly string[]
  /** What the filter table does with what is forwarded and fits no rule; Docker sets it to DROP. */
  readonly forwardPolicy: string
}

const tables = ['filter', 'nat'] as const

/** Remembers how things are. */
export async function networkNow(processes: ProcessRunner): Promise<NetworkBefore> {
  const rules = await listRules('filter', processes)
  const policy = rules.find((rule) => rule.startsWith('-P FORWARD '))?.split(' ')[2] ?? 'ACCEPT'
  return { interfaces: await readdir('/sys/class/net'), forwardPolicy: policy }
}

/** Removes Docker's bridges that were not there before, and all of Docker's chains and rules. */
export async function cleanNetwork(before: NetworkBefore, processes: ProcessRunner): Promise<void> {
  const interfaces = await readdir('/sys/class/net')
  const bridges = interfaces.filter((name) => isBridge(name) && !before.interfaces.includes(name))
  for (const bridge of bridges) await run('ip', ['link', 'delete', bridge], processes)
  // With a bridge of Docker's that was there before, another engine is at work whose rules look the same.
  if (before.interfaces.includes('docker0')) return
  for (const table of tables) {
    const rules = await listRules(table, processes)
    for (const rule of rules.filter((text) => isDockersRule(text, bridges))) {
      await run('iptables', ['--wait', '-t', table, ...split(rule.replace(/^-A/, '-D'))], processes)
    }
    const chains = rules.flatMap((text) => /^-N (DOCKER\S*)$/.exec(text)?.[1] ?? [])
    for (const flag of ['-F', '-X']) {
      for (const chain of chains) await run('iptables', ['--wait', '-t', table, flag, chain], processes)
    }
  }
  await run('iptables', ['--wait', '-P', 'FORWARD', before.forwardPolicy], processes)
}

function isBridge(name: string): boolean {
  return name === 'docker0' || /^br-[0-9a-f]{12}$/.test(name)
}

function isDockersRule(rule: string, bridges: readonly string[]): boolean {
  if (!rule.startsWith('-A ') || rule.startsWith('-A DOCKER')) return false
  const words = rule.split(' ')
  return (
    words.some((word, index) => words[index - 1] === '-j' && word.startsWith('DOCKER')) ||
    words.some((word) => word === 'docker0' || bridges.includes(word))
  )
}

function split(rule: string): string[] {
  return [...rule.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}

async function listRules(table: string, processes: ProcessRunner): Promise<string[]> {
  return (await run('iptables', ['--wait', '-t', table, '-S'], processes)).split('\n')
}

async function run(program: string, args: readonly string[], processes: ProcessRunner): Promise<string> {
  const options = { signal: new AbortController().signal, timeoutMs: 30_000 }
  const { exitCode, stdout, stderr } = await processes.run(program, args, options)
  if (exitCode !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr.trim()}`)
  return stdout
}
