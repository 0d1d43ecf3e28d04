/** The crash harness can fail: it finds what a leaking program leaves, and cleans up after it. No cluster, no engine. */
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readCrashLog } from '../crash/real/crash-log.ts'
import { drawTrials, formatTrial, parseTrial, type Counts } from '../crash/real/trial.ts'
import { seeded } from '../fakes/seeded.ts'

const root = join(import.meta.dirname, '..', '..')
const harness = join(root, 'test/crash/real')
const killPoints = `--import=${join(harness, 'kill-points.mjs')}`

/** A container engine with files for containers, as far as the harness asks. */
const podman = `#!/bin/sh
case "$1 $*" in
  ps*--filter*=play-*) ls "$WORLD/containers" ;;
  ps*|network*|volume*) ;;
  rm*) for name; do rm -f "$WORLD/containers/$name"; done ;;
esac
`

let world: string
let env: Readonly<Record<string, string>>

beforeEach(async () => {
  world = await mkdtemp(join(tmpdir(), 'play-e2e-harness-'))
  const bin = join(world, 'bin')
  await Promise.all([mkdir(bin), mkdir(join(world, 'containers')), mkdir(join(world, 'tmp'))])
  await writeFile(join(bin, 'podman'), podman)
  await copyFile('/bin/sleep', join(bin, 'pulumi'))
  await Promise.all(['podman', 'pulumi'].map((file) => chmod(join(bin, file), 0o755)))
  env = {
    ...{ WORLD: world, PLAY_ENGINE: 'podman', TMPDIR: join(world, 'tmp'), WITNESS_PATIENCE: '2' },
    PATH: [bin, process.env['PATH']].join(delimiter),
  }
})

afterEach(() => rm(world, { recursive: true, force: true }))

function run(args: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const program = ['--program', join(harness, 'imaginary-play.ts')]
  return execa(process.execPath, [join(harness, 'run.ts'), ...program, ...args], {
    env: { ...env, ...more },
    reject: false,
    all: true,
  })
}

const containers = (): Promise<string[]> => readdir(join(world, 'containers'))
const sandboxes = (): Promise<string[]> => readdir(join(world, 'tmp'))

describe('make crash', () => {
  it('finds nothing wrong with a program that leaves nothing', async () => {
    const report = join(world, 'report.json')
    const ended = await run(['--points', '5', '--seed', '7', '--report', report])
    expect(ended.exitCode, ended.all).toBe(0)
    expect(ended.stdout).toMatch(/^points x actors run +5 /m)
    expect(ended.stdout).toMatch(/^resumes that converged .*100 %/m)
    expect(await sandboxes()).toEqual([])
    const { promises } = JSON.parse(await readFile(report, 'utf8')) as { promises: object }
    expect(promises).toHaveProperty(['53', 'ok'], true)
  })

  it('[row 47] finds a leak, counts the false verdict, tells how to see it again, and removes it', async () => {
    const ended = await run(['--only', 'up:cli:8'], { WORLD_BUG: 'leak' })
    expect(ended.exitCode, ended.all).toBe(1)
    expect(ended.stdout).toMatch(/^leftovers found by the independent look +1$/m)
    expect(ended.stdout).toMatch(/^false "empty" verdicts +1$/m)
    expect(ended.stdout).toContain('make crash ARGS="--only up:cli:8:down:0"')
    expect(await containers()).toEqual([])
    expect(await sandboxes()).toEqual([])
  })

  it('kills an engine that comes to be after the point, and does not count a kill that hit nobody', async () => {
    const trials = ['up:engine:1:up:20', 'add:engine:1', 'add:cli:999']
    const ended = await run(trials.flatMap((trial) => ['--only', trial]))
    expect(ended.exitCode, ended.all).toBe(0)
    expect(ended.stdout).toMatch(/up +engine point \d+ \(.*start pulumi.*\) -> up, status, down: ok/)
    expect(ended.stdout).toContain('engine point 1: no victim, does not count')
    expect(ended.stdout).toContain('point 999: not reached, does not count')
    expect(ended.stdout).toMatch(/^points x actors run +1 /m)
  })

  it('cleans up when it is interrupted', async () => {
    const child = run(['--points', '40', '--seed', '7'])
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (text: Buffer) => {
        if (text.toString().includes('1/40')) resolve()
      })
    })
    child.kill('SIGINT')
    expect((await child).exitCode).toBe(130)
    expect(await containers()).toEqual([])
    expect(await sandboxes()).toEqual([])
  })
})

describe('kill points', () => {
  const play = async (log: string, more: Readonly<Record<string, string>> = {}) => {
    const ended = await execa(process.execPath, [join(root, 'bin/run.js'), 'down', 'nothing'], {
      env: {
        // No engine at all: the lock is taken and given back all the same.
        ...{ PATH: join(world, 'tmp'), PLAY_STATE_DIR: join(world, 'state'), NODE_OPTIONS: killPoints },
        ...{ CRASH_LOG: log, ...more },
      },
      reject: false,
    })
    return { ended, log: await readFile(log, 'utf8') }
  }

  it('are the same in every run, and change nothing that it does', async () => {
    const [first, second] = [await play(join(world, 'log-1')), await play(join(world, 'log-2'))]
    expect(first.ended.exitCode).toBe(10)
    expect(first.ended.stderr).toContain('EMPTINESS_UNKNOWN')
    expect(first.log).toMatch(/before link \.nothing\.lock/)
    expect(first.log).toMatch(/before start podman/)
    const names = (text: string): string[] => text.split('\n').map((line) => line.replace(/^\d+\t/, ''))
    expect(names(second.log).sort()).toEqual(names(first.log).sort())
  })

  it('kill play at exactly the one that is asked for', async () => {
    const { ended, log } = await play(join(world, 'log'), { CRASH_AT: '4', CRASH_VICTIM: 'cli' })
    expect(ended.signal).toBe('SIGKILL')
    expect(readCrashLog(log)).toMatchObject({ points: 4, kill: { victim: 'cli', point: 4 } })
  })
})

describe('trials', () => {
  const lives = { engine: { lastPoint: 50, ms: 9000 }, plugin: { lastPoint: 40, ms: 8000 } }
  const counts: Counts = {
    up: { points: 100, lives },
    add: { points: 60, lives: {} },
    down: { points: 70, lives },
  }
  const draw = (seed: number, count: number): string[] => {
    const trials = drawTrials(counts, seeded(seed))
    return Array.from({ length: count }, () => formatTrial(trials.next().value))
  }

  it('are the same for the same seed, and others for another', () => {
    expect(draw(7, 40)).toEqual(draw(7, 40))
    expect(draw(7, 40)).not.toEqual(draw(8, 40))
  })

  it('try every pair of verb and victim before any comes again, and each with both recoveries', () => {
    const pairs = (words: readonly string[]): Set<string> =>
      new Set(words.map((word) => word.split(':').slice(0, 2).join(':')))
    expect(pairs(draw(7, 7)).size).toBe(7)
    expect(pairs(draw(7, 70)).has('add:engine')).toBe(false)
    const recoveries = draw(7, 14).map((word) => word.split(':')[3])
    expect(recoveries.filter((each) => each === 'up')).toHaveLength(7)
  })

  it.each(['up:plugin:17:down:900', 'down:cli:1:up:0'])('%s is read as it is written', (word) => {
    expect(formatTrial(parseTrial(word))).toBe(word)
  })

  it.each(['', 'up', 'up:cli:0', 'up:kind:1', 'sideways:cli:1', 'up:cli:1:down:0:x'])(
    '"%s" is refused',
    (word) => {
      expect(() => parseTrial(word)).toThrow('is no trial')
    },
  )
})
