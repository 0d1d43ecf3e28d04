/** The life of a machine on which play is used, killed and hindered in random order, until somebody tidies up. */
import { join } from 'node:path'
import { kill, look, tearDown, witnessed } from './crash-case.ts'
import { pick, type Dice } from './dice.ts'
import { realFiles } from './file-points.ts'
import { playUntil } from './moments.ts'
import { SimMachine } from './sim-machine.ts'
import type { Actor, Aftermath } from './sim-stack.ts'
import { play, type Ended, type Verb } from './simulation.ts'
import { describe as told } from './stories.ts'
import type { Tally } from './tally.ts'
import { calm, troubles } from './troubles.ts'
import { addVerb, bare, downVerb, upVerb } from './verbs.ts'

type VerbName = keyof typeof verbs
const verbs = {
  up: upVerb(bare),
  down: downVerb(),
  'down --force': downVerb({ force: true }),
  'component add': addVerb('argo-workflows'),
} as const satisfies Record<string, Verb<unknown>>

const often: readonly [VerbName, ...VerbName[]] = [
  'up',
  'up',
  'up',
  'down',
  'down',
  'down --force',
  'component add',
]

/** What may be lost between two operations: nothing of it is the only proof that something is play's. */
const losses: readonly ((machine: SimMachine, folder: string) => void)[] = [
  (_, folder) => {
    realFiles.rmSync(join(folder, 'pulumi'), { recursive: true, force: true })
  },
  (_, folder) => {
    realFiles.rmSync(join(folder, 'pulumi', 'passphrase'), { force: true })
  },
  (_, folder) => {
    realFiles.rmSync(join(folder, 'journal.jsonl'), { force: true })
  },
  ({ clock }) => {
    clock.jump(-3_600_000)
  },
  ({ clock }) => {
    clock.jump(30 * 86_400_000)
  },
]

/** A life; what went wrong in it, and what was done. */
export async function live(roll: Dice, tally: Tally): Promise<{ wrong: string[]; story: string[] }> {
  const machine = new SimMachine(pick(roll, ['podman', 'docker']))
  const story: string[] = []
  const wrong: string[] = []
  for (let left = 2 + roll(8); left > 0 && wrong.length === 0; left -= 1) {
    if (roll(6) === 1) {
      const number = roll(losses.length)
      losses[number - 1]?.(machine, join(machine.stateDir, 'playgrounds', 'dev'))
      story.push(`loss ${String(number)}`)
    }
    wrong.push(...(await operate(machine, roll, { story, tally })))
  }
  wrong.push(...(await tearDown(machine, tally)))
  machine.close()
  return { wrong, story }
}

interface Notes {
  readonly story: string[]
  readonly tally: Tally
}

/** One operation, in half of the cases with something that happens to it. */
async function operate(machine: SimMachine, roll: Dice, { story, tally }: Notes): Promise<readonly string[]> {
  const name = pick(roll, often)
  const wasEmpty = witnessed(machine).length === 0
  const former = new Set(certificates(machine))
  const { ended, how } = await perform(machine, name, roll)
  calm(machine)
  tally.runs += 1
  story.push(`${name}${how === '' ? '' : ` (${how})`}: ${told(ended).split(' ')[0] ?? ''}`)
  const isCalmUp = name === 'up' && how === ''
  return [
    ...strange(ended),
    ...(isCalmUp ? promised(machine, ended, wasEmpty) : []),
    ...(name.startsWith('down') && ended.is === 'succeeded' ? look(machine, tally) : []),
    ...lies(machine, former),
  ]
}

/** What an `up` owes that nothing happened to. */
function promised(machine: SimMachine, ended: Ended<unknown>, wasEmpty: boolean): readonly string[] {
  if (ended.is !== 'succeeded') return wasEmpty ? [`up on an empty machine: ${told(ended)}`] : []
  const broken = machine.brokenness('play-dev', 1)
  return broken === undefined ? [] : [`up ended well, and the cluster is not whole: ${broken}`]
}

/** What is there although a new certificate says that nothing is; a lock that a dead run left is anybody's. */
function lies(machine: SimMachine, former: ReadonlySet<string>): readonly string[] {
  const news = certificates(machine).filter((text) => !former.has(text))
  if (!news.some((text) => text.includes('"verdict": "empty"'))) return []
  const left = witnessed(machine).filter((words) => !words.endsWith('/.dev.lock'))
  return left.length === 0 ? [] : [`a new certificate says empty, and there is: ${left.join('; ')}`]
}

async function perform(
  machine: SimMachine,
  name: VerbName,
  roll: Dice,
): Promise<{ readonly ended: Ended<unknown>; readonly how: string }> {
  const verb: Verb<unknown> = verbs[name]
  const chance = roll(6)
  if (chance <= 2) {
    const actor = pick<Actor>(roll, ['cli', 'cli', 'engine', 'plug-in'])
    const aftermath = pick<Aftermath>(roll, ['goes on', 'stops'])
    const moment =
      roll(2) === 1
        ? ({ unit: 'turns', count: roll(120) } as const)
        : ({ unit: 'ms', count: roll(4000) } as const)
    const { ended } = await playUntil(machine, verb, moment, (run) => {
      kill(machine, run, machine.stacks.size === 0 ? 'cli' : actor, aftermath)
    })
    return { ended, how: `kill of ${actor}, ${aftermath}, ${String(moment.count)} ${moment.unit}` }
  }
  const names = Object.keys(troubles) as (keyof typeof troubles)[]
  const trouble = chance === 3 ? names[roll(names.length) - 1] : undefined
  if (trouble === undefined) return { ended: (await play(machine, verb)).ended, how: '' }
  const made = troubles[trouble](machine, verb, roll)
  return { ended: (await play(machine, made.verb, made.settings)).ended, how: trouble }
}

/** Every error is one of play's, and none of them says that play has a bug. */
function strange(ended: Ended<unknown>): string[] {
  const isKnown = ended.is !== 'failed' || ('id' in ended.error && !told(ended).startsWith('BUG'))
  return isKnown ? [] : [`no error of play: ${told(ended)}`]
}

function certificates({ stateDir }: SimMachine): readonly string[] {
  const folder = join(stateDir, 'certificates')
  if (!realFiles.existsSync(folder)) return []
  const names = realFiles.readdirSync(folder).filter((name) => name.endsWith('.json'))
  return names.map((name) => realFiles.readFileSync(join(folder, name), 'utf8'))
}
