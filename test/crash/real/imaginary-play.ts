/**
 * A small program with play's verbs and play's dangers, for the harness's own tests: its "containers" are files below
 * WORLD, its engine is a program called pulumi that sleeps. WORLD_BUG=leak makes it trust its own state file.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'

const { PLAY_STATE_DIR: states = '', WORLD: world = '', WORLD_BUG: bug } = process.env
const words = process.argv.slice(2).filter((word) => !word.startsWith('-'))
const verb = words[0] === 'component' ? 'add' : (words[0] ?? '')
const name = verb === 'add' ? (words[3] ?? '') : (words[1] ?? '')
const folder = join(states, 'playgrounds', name)
const container = join(world, 'containers', `play-${name}-control-plane`)

function append(step: string): void {
  const descriptor = openSync(join(folder, 'journal.jsonl'), 'a')
  writeSync(descriptor, `${JSON.stringify({ kind: 'intent', step })}\n`)
  fsyncSync(descriptor)
  closeSync(descriptor)
}

function replaceState(text: string): void {
  const temporary = join(folder, '.state.json.tmp')
  writeFileSync(temporary, text)
  renameSync(temporary, join(folder, 'state.json'))
}

async function runEngine(): Promise<boolean> {
  const child = spawn(join(world, 'bin', 'pulumi'), ['0.4'], { stdio: 'ignore' })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code === 0
}

async function up(): Promise<boolean> {
  mkdirSync(folder, { recursive: true })
  append('cluster')
  writeFileSync(container, '')
  if (!(await runEngine())) return false
  replaceState('{}')
  append('ready')
  return true
}

async function down(): Promise<boolean> {
  const existed = existsSync(folder) || existsSync(container)
  const trusts = bug === 'leak' && !existsSync(join(folder, 'state.json'))
  if (existed) {
    mkdirSync(folder, { recursive: true })
    append('destroy')
    if (!(await runEngine())) return false
    if (!trusts && existsSync(container)) unlinkSync(container)
    rmSync(folder, { recursive: true })
    mkdirSync(join(states, 'certificates'), { recursive: true })
    const certificate = { name, verdict: 'empty', issuedAt: new Date().toISOString() }
    writeFileSync(
      join(states, 'certificates', `${String(Date.now())}-${name}.json`),
      JSON.stringify(certificate),
    )
  }
  process.stdout.write(JSON.stringify({ ok: true, result: [{ name, existed }] }))
  return true
}

function add(): Promise<boolean> {
  append('component')
  replaceState('{"component":true}')
  return Promise.resolve(true)
}

function status(): Promise<boolean> {
  process.stdout.write(JSON.stringify({ result: { healthy: existsSync(container) } }))
  return Promise.resolve(true)
}

const verbs: Readonly<Record<string, () => Promise<boolean>>> = { up, down, add, status }
process.exitCode = (await verbs[verb]?.()) === true ? 0 : 5
