import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createProcessRunner, type FileInputOptions } from '../../src/adapters/execa-process-runner.ts'
import { systemClock } from '../../src/adapters/system-clock.ts'
import { TimeoutError, waitUntil } from '../../src/engine/wait.ts'

const env = { PATH: process.env['PATH'], PULUMI_ACCESS_TOKEN: 'secret' }
const runner = createProcessRunner({ env, killGraceMs: 200 })
const never = new AbortController().signal

/** Runs a program given as JavaScript. */
function node(script: string, options: Partial<FileInputOptions> = {}) {
  const full: FileInputOptions = { signal: never, ...options }
  return runner.run(process.execPath, ['-e', script], full)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'play-run-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

/** Waits until the file that a child writes is there. */
function written(path: string): Promise<string> {
  const probe = async () => {
    const text = await readFile(path, 'utf8').catch(() => '')
    return text.endsWith('\n') ? { done: true as const, value: text } : { done: false as const, seen: text }
  }
  return waitUntil(probe, {
    waitedFor: path,
    timeoutMs: 10_000,
    intervalMs: 20,
    signal: never,
    clock: systemClock,
  })
}

describe('running a program', () => {
  it('returns both streams as they came, and the exit code, whatever it is', async () => {
    const result = await node('console.log("out\\n"); console.error("err"); process.exitCode = 3')
    expect(result).toEqual({ exitCode: 3, stdout: 'out\n\n', stderr: 'err\n' })
  })

  it('tells the number of the child when it runs, and none where there is no such program', async () => {
    const started: number[] = []
    const onStart = (pid: number): unknown => started.push(pid)
    const result = await node('console.log(process.pid)', { onStart })
    expect(started).toEqual([Number(result.stdout)])
    const missing = runner.run(join(folder, 'missing'), [], { signal: never, onStart })
    await expect(missing).rejects.toMatchObject({ id: 'TOOL_MISSING' })
    expect(started).toHaveLength(1)
  })

  it('passes arguments as they are, without a shell', async () => {
    const nasty = ['$HOME', '`id`', 'a b', '; rm -rf /', '"quoted"']
    const script = 'console.log(JSON.stringify(process.argv.slice(1)))'
    const result = await runner.run(process.execPath, ['-e', script, '--', ...nasty], { signal: never })
    expect(JSON.parse(result.stdout)).toEqual(nasty)
  })

  it('gives the child a cleaned environment with what the caller adds', async () => {
    const result = await node('console.log(JSON.stringify(process.env))', { env: { ADDED: '1' } })
    const seen = JSON.parse(result.stdout) as Record<string, string>
    expect(seen['ADDED']).toBe('1')
    expect(seen['PATH']).toBe(env.PATH)
    expect(seen).not.toHaveProperty('PULUMI_ACCESS_TOKEN')
  })

  it('runs in the given folder', async () => {
    const result = await node('console.log(require("node:fs").existsSync("here"))', { cwd: folder })
    expect(result.stdout).toBe('false\n')
  })

  it('hands over text as input', async () => {
    const result = await node('process.stdin.pipe(process.stdout)', { input: 'hello' })
    expect(result.stdout).toBe('hello')
  })

  it('hands over a file as input', async () => {
    await writeFile(join(folder, 'big'), 'x'.repeat(3_000_000))
    const count =
      'let n = 0; process.stdin.on("data", (d) => { n += d.length }).on("end", () => console.log(n))'
    const result = await node(count, { inputFile: join(folder, 'big') })
    expect(result.stdout).toBe('3000000\n')
  })

  it('fails on an input file that is not there, and does not blame the program', async () => {
    const run = node('process.stdin.resume()', { inputFile: join(folder, 'none') })
    await expect(run).rejects.toThrow(/none/)
    await expect(run).rejects.not.toMatchObject({ id: 'TOOL_MISSING' })
  })

  it('survives a child that does not read its input', async () => {
    const result = await node('process.exit(4)', { input: 'x'.repeat(1_000_000) })
    expect(result.exitCode).toBe(4)
  })

  it('closes the input of a child that is given none', async () => {
    const result = await node('process.stdin.on("end", () => console.log("end")).resume()')
    expect(result.stdout).toBe('end\n')
  })

  it('says which program is missing', async () => {
    const run = runner.run('no-such-program', [], { signal: never })
    await expect(run).rejects.toMatchObject({ id: 'TOOL_MISSING', exitCode: 3 })
    await expect(run).rejects.toThrow(/no-such-program/)
  })

  it('says that a file is no program', async () => {
    await writeFile(join(folder, 'tool'), '#!/bin/sh\n', { mode: 0o644 })
    const run = runner.run(join(folder, 'tool'), [], { signal: never })
    await expect(run).rejects.toMatchObject({
      id: 'TOOL_MISSING',
      details: [expect.stringContaining('not executable')],
    })
  })

  it('does not blame the program for a folder that is not there', async () => {
    const run = node('0', { cwd: join(folder, 'none') })
    await expect(run).rejects.not.toMatchObject({ id: 'TOOL_MISSING' })
  })

  it('reports a child that was killed by a signal like a shell does', async () => {
    const result = await node('process.kill(process.pid, "SIGKILL")')
    expect(result.exitCode).toBe(137)
  })
})

describe('lines and captured text', () => {
  it('hands over each line of each stream while the child still runs', async () => {
    const seen: string[] = []
    const go = join(folder, 'go')
    const script = `console.log("first"); const wait = setInterval(() => {
      if (require("node:fs").existsSync(${JSON.stringify(go)})) { clearInterval(wait); console.error("second") } }, 10)`
    const result = node(script, {
      onLine: (line, stream) => {
        seen.push(`${stream} ${line}`)
        if (line === 'first') void writeFile(go, '')
      },
    })
    await result
    expect(seen).toEqual(['stdout first', 'stderr second'])
  })

  it('joins lines and characters that arrive in pieces, and hands over a last line without an end', async () => {
    const seen: string[] = []
    const script = `const b = Buffer.from("grüße\\r\\nlast"); process.stdout.write(b.subarray(0, 3), () =>
      setTimeout(() => process.stdout.write(b.subarray(3)), 30))`
    await node(script, { onLine: (line) => seen.push(line) })
    expect(seen).toEqual(['grüße', 'last'])
  })

  it('keeps only the last mebibyte', async () => {
    const result = await node('console.log("x".repeat(3000000)); console.log("end")')
    expect(result.stdout.length).toBe(1024 * 1024)
    expect(result.stdout.endsWith('x\nend\n')).toBe(true)
  })
})

describe('ending a program early', () => {
  it('asks it to end when the signal aborts, and rejects with the reason', async () => {
    const abort = new AbortController()
    const reason = new Error('enough')
    const script = `process.on("SIGTERM", () => { require("node:fs").writeFileSync("asked", "yes\\n"); process.exit(0) })
      console.log("up"); setInterval(() => {}, 1000)`
    const run = node(script, {
      signal: abort.signal,
      cwd: folder,
      onLine: () => {
        abort.abort(reason)
      },
    })
    await expect(run).rejects.toBe(reason)
    expect(await readFile(join(folder, 'asked'), 'utf8')).toBe('yes\n')
  })

  it('kills it after a grace when it does not end', async () => {
    const abort = new AbortController()
    const script = 'process.on("SIGTERM", () => {}); console.log(process.pid); setInterval(() => {}, 1000)'
    let pid = 0
    const run = node(script, {
      signal: abort.signal,
      onLine: (line) => {
        pid = Number(line)
        abort.abort()
      },
    })
    await expect(run).rejects.toThrow()
    expect(isAlive(pid)).toBe(false)
  })

  it('ends what the program started as well', async () => {
    const abort = new AbortController()
    const grandchild = `require("node:fs").writeFileSync("pid", process.pid + "\\n"); setInterval(() => {}, 1000)`
    const script = `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(grandchild)}]); setInterval(() => {}, 1000)`
    const run = node(script, { signal: abort.signal, cwd: folder })
    const pid = Number(await written(join(folder, 'pid')))
    abort.abort()
    await expect(run).rejects.toThrow()
    const gone = (): Promise<{ done: true; value: boolean } | { done: false; seen: string }> =>
      Promise.resolve(isAlive(pid) ? { done: false, seen: 'alive' } : { done: true, value: true })
    const options = {
      waitedFor: 'its end',
      timeoutMs: 5000,
      intervalMs: 10,
      signal: never,
      clock: systemClock,
    }
    expect(await waitUntil(gone, options)).toBe(true)
  })

  it('interrupts a program exactly once when told so, and awaits its orderly end', async () => {
    const abort = new AbortController()
    const script = `let n = 0; process.on("SIGINT", () => { n++; setTimeout(() => {
      require("node:fs").writeFileSync("interrupts", n + "\\n"); process.exit(0) }, 400) })
      process.on("SIGTERM", () => process.exit(1)); console.log("up"); setInterval(() => {}, 1000)`
    const run = node(script, {
      signal: abort.signal,
      onAbort: 'interrupt',
      cwd: folder,
      onLine: () => {
        abort.abort()
      },
    })
    await expect(run).rejects.toThrow()
    expect(await readFile(join(folder, 'interrupts'), 'utf8')).toBe('1\n')
  })

  it('ends a program that ignores its interrupt, when its time for an orderly end is over', async () => {
    const abort = new AbortController()
    const runner = createProcessRunner({ env: process.env, interruptGraceMs: 50, killGraceMs: 50 })
    const script = `for (const each of ["SIGINT", "SIGTERM"]) process.on(each, () => {})
      console.log("up"); setInterval(() => {}, 1000)`
    const reason = new Error('enough')
    const run = runner.run(process.execPath, ['-e', script], {
      signal: abort.signal,
      onAbort: 'interrupt',
      onLine: () => {
        abort.abort(reason)
      },
    })
    await expect(run).rejects.toBe(reason)
  })

  it('[row 53] is listed under the name it is given: in the cache programs are files named by digest', async () => {
    const program = join(folder, 'f53e6dce71bd')
    await symlink(process.execPath, program)
    const script = 'console.log(require("node:fs").readFileSync("/proc/self/cmdline", "utf8"))'
    const result = await runner.run(program, ['-e', script], { signal: never, argv0: 'pulumi' })
    expect(result.stdout.split('\0')[0]).toBe('pulumi')
  })

  it('does not start when the signal has aborted already', async () => {
    const reason = new Error('too late')
    await expect(node('0', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  it('ends with a TimeoutError that tells the last line when time is up', async () => {
    const script = 'console.log("half way"); setInterval(() => {}, 1000)'
    const error = await node(script, { timeoutMs: 500 }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(TimeoutError)
    expect(error).toMatchObject({ timeoutMs: 500, lastSeen: 'half way' })
  })
})
