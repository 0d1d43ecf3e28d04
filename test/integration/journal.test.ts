import { execFile } from 'node:child_process'
import { mkdtemp, readFile, readdir, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openJournal, type Recovery } from '../../src/journal/journal.ts'
import { replay } from '../../src/journal/record.ts'

let folder: string
let path: string
let recoveries: Recovery[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'play-journal-'))
  path = join(folder, 'journal.jsonl')
  recoveries = []
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

function open(epoch = 'one') {
  const onRecovery = (recovery: Recovery): void => {
    recoveries.push(recovery)
  }
  return openJournal(path, { epoch, tool: 'play 0.1.0', now: () => 0, onRecovery })
}

async function records() {
  const { records: all, condition } = replay(await readFile(path))
  expect(condition).toBe('sound')
  return all.map((record) => ({ ...record, v: undefined, t: undefined }))
}

describe('a journal', () => {
  it('begins with its root record, in a private file', async () => {
    const journal = await open()
    expect(await records()).toEqual([{ seq: 1, epoch: 'one', kind: 'root', tool: 'play 0.1.0' }])
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    await journal.close()
  })

  it('has a note on disk when its promise resolves', async () => {
    const journal = await open()
    await journal.intend('cluster.stack')
    expect((await records()).at(-1)).toEqual({ seq: 2, epoch: 'one', kind: 'intent', step: 'cluster.stack' })
    await journal.settle('cluster.stack', 'failed')
    expect((await records()).at(-1)).toMatchObject({ seq: 3, kind: 'settle', outcome: 'failed' })
    await journal.close()
  })

  it('goes on where the last run stopped, and knows what that left open', async () => {
    const first = await open('one')
    await first.intend('cluster.stack')
    await first.close()
    const second = await open('two')
    expect(second.open).toEqual(['cluster.stack'])
    await second.settle('cluster.stack', 'succeeded')
    await second.close()
    expect((await records()).map(({ seq, epoch }) => `${String(seq)} ${epoch}`)).toEqual([
      '1 one',
      '2 one',
      '3 two',
    ])
    expect((await open('three')).open).toEqual([])
  })

  it('[row 1] has volumes on disk before their containers go, and tells the next run of them', async () => {
    const first = await open('one')
    expect(first.knownVolumes).toEqual([])
    await first.closure(['a', 'b'])
    expect((await records()).at(-1)).toMatchObject({ seq: 2, kind: 'closure', volumes: ['a', 'b'] })
    await first.close()
    const second = await open('two')
    await second.closure(['b', 'c'])
    expect(second.knownVolumes).toEqual(['a', 'b'])
    await second.close()
    const third = await open('three')
    expect(third.knownVolumes).toEqual(['a', 'b', 'c'])
    await third.close()
  })

  it('closes twice without harm', async () => {
    const journal = await open()
    await journal.close()
    await journal.close()
  })
})

describe('a journal that is not whole', () => {
  it('loses a torn end, keeps a copy, and says so', async () => {
    const first = await open()
    await first.intend('cluster.stack')
    await first.close()
    const whole = await readFile(path)
    await truncate(path, whole.length - 5)
    const second = await open('two')
    expect(recoveries).toEqual([{ condition: 'torn', keptAt: `${path}.torn-two`, soundRecords: 1 }])
    expect(await readFile(`${path}.torn-two`)).toEqual(whole.subarray(0, -5))
    await second.intend('again')
    expect((await records()).map(({ seq }) => seq)).toEqual([1, 2])
    await second.close()
  })

  it('goes back to before the damage', async () => {
    const first = await open()
    await first.intend('one')
    await first.intend('two')
    await first.close()
    await writeFile(path, (await readFile(path, 'utf8')).replace('"step":"one"', '"step":"xyz"'))
    const second = await open('next')
    expect(recoveries).toMatchObject([{ condition: 'damaged', soundRecords: 1 }])
    expect(second.open).toEqual([])
    await second.close()
    expect(await readdir(folder)).toEqual(['journal.jsonl', 'journal.jsonl.damaged-next'])
  })

  it('begins anew when nothing of it is sound', async () => {
    await writeFile(path, 'not a journal\n')
    await (await open()).close()
    expect(await records()).toMatchObject([{ seq: 1, kind: 'root' }])
  })
})

describe('a journal that cannot be written', () => {
  it('refuses a symbolic link', async () => {
    await writeFile(join(folder, 'other'), '')
    await symlink(join(folder, 'other'), path)
    await expect(open()).rejects.toMatchObject({ id: 'STATE_UNWRITABLE' })
    expect(await readFile(join(folder, 'other'), 'utf8')).toBe('')
  })

  it('says so when its folder is not there', async () => {
    await rm(folder, { recursive: true })
    await expect(open()).rejects.toMatchObject({ id: 'STATE_UNWRITABLE' })
    folder = await mkdtemp(join(tmpdir(), 'play-journal-'))
  })

  it('takes no more notes after one has failed, and leaves a torn end at most', async () => {
    const module = new URL('../../src/journal/journal.ts', import.meta.url).href
    const script = `const { openJournal } = await import(${JSON.stringify(module)})
      const journal = await openJournal(${JSON.stringify(path)}, { epoch: 'one', tool: 'play 0', now: () => 0 })
      const words = []
      for (let i = 0; i < 20; i++) words.push(await journal.intend('step-' + i).then(() => 'kept', (e) => e.id))
      console.log(words.join(' '))`
    // The system refuses to let the file grow over 1 KiB.
    const limited = `trap '' XFSZ; ulimit -f 1; exec "$0" --input-type=module -e "$1"`
    const { stdout } = await promisify(execFile)('bash', ['-c', limited, process.execPath, script])
    expect(stdout).toMatch(/^(kept )+(STATE_UNWRITABLE ?)+\n$/)
    const noted = stdout.split(' ').filter((word) => word === 'kept').length
    const next = await open('two')
    expect(next.open).toHaveLength(noted)
    await next.close()
  })

  it('takes no notes once it is closed', async () => {
    const journal = await open()
    await journal.close()
    await expect(journal.intend('late')).rejects.toThrow('closed')
  })
})
