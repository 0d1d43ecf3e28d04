/** Each file call may fail: a run ends well or with an error, never with a false word on emptiness. */
import { beforeAll, test } from 'vitest'
import { falseCertificates, look, tearDown, tell } from './crash-case.ts'
import { expectNone, longTimeout } from './kill-suite.ts'
import { SimMachine } from './sim-machine.ts'
import type { FileFault } from './simulated-run.ts'
import { play, type Ended } from './simulation.ts'
import { stories, warmUp, type Story } from './stories.ts'
import { extentOf, Tally } from './tally.ts'

beforeAll(warmUp, 60_000)

const extent = extentOf(process.env)
const codes = ['ENOSPC', 'EIO', 'EACCES', 'EROFS', 'EMFILE'] as const

/** What was thrown, and by whom in play. */
function inShort({ message, stack = '' }: Error): string {
  return [message, ...(stack.match(/\/src\/[^)]*/g) ?? []).slice(0, 3)].join(' < ')
}

/** What a `down` with a fault may not say. */
function lies(machine: SimMachine, ended: Ended<unknown>, tally: Tally): readonly string[] {
  if (ended.is === 'succeeded') return look(machine, tally)
  tally.compared += 1
  // A lock of a process that is dead belongs to nobody, and whoever comes next takes it away.
  const found = falseCertificates(machine).filter((words) => !words.endsWith('/.dev.lock'))
  if (found.length === 0) return []
  tally.falseEmpty += 1
  return [`a certificate says empty, and there is: ${found.join('; ')}`]
}

/** Runs the verb with one fault; answers whether the fault struck, so that the last call is known. */
async function runFault(story: Story, fault: FileFault, tally: Tally): Promise<'over' | 'none' | 'struck'> {
  const machine = new SimMachine(story.engine)
  // With --force an unreadable state is no reason to stop, and whose the shared network is stands there alone.
  if (story.name === 'force') machine.unprovable = 'network kind'
  const { code, at, lasting } = fault
  const name = `fault:${story.name}:${code}:${String(at)}${lasting ? '+' : ''}`
  try {
    await story.prepare(machine)
    const { run, ended } = await play(machine, story.verb, { fault })
    if (!run.faulted) return run.fileCalls < at ? 'over' : 'none'
    tally.runs += 1
    const wrong = story.name.startsWith('up') ? [] : [...lies(machine, ended, tally)]
    if (ended.is === 'failed' && !('id' in ended.error))
      wrong.push(`no error of play: ${inShort(ended.error)}`)
    const start = performance.now()
    wrong.push(...(await tearDown(machine, tally)))
    tally.took(performance.now() - start)
    tell(tally, name, `file call ${String(at)}`, wrong)
  } catch (error) {
    tell(tally, name, '', [`the harness: ${String((error as Error).stack)}`])
  } finally {
    machine.close()
  }
  return 'struck'
}

/** Every n-th call of one kind of fault, until a run is clean; or the one that was asked for. */
async function runFaults(
  story: Story,
  code: FileFault['code'],
  lasting: boolean,
  tally: Tally,
): Promise<void> {
  if (extent.only !== undefined) {
    const [, name, onlyCode, at = '1'] = extent.only.split(':')
    if (name === story.name && onlyCode === code && at.endsWith('+') === lasting)
      await runFault(story, { code, at: Number.parseInt(at, 10), lasting }, tally)
    return
  }
  const step = extent.full ? 1 : 41
  for (let at = 1 + (extent.seed % step); at < 2000; at += step)
    if ((await runFault(story, { code, at, lasting }, tally)) === 'over') return
}

const chosen: readonly Story[] = [stories.down, stories.force, stories['up-two']]
for (const story of chosen) {
  for (const code of codes) {
    const name = `[row 5] ${code} at any file call of ${story.name} is no false word on emptiness`
    test(name, { timeout: longTimeout }, async () => {
      const tally = new Tally()
      await runFaults(story, code, false, tally)
      // A full disk and one that cannot be written stay so.
      if (code === 'ENOSPC' || code === 'EROFS') await runFaults(story, code, true, tally)
      tally.points = tally.runs
      tally.report([5, 26], `${code} in ${story.name}`, process.env['CRASH_REPORT'])
      expectNone(tally)
    })
  }
}
