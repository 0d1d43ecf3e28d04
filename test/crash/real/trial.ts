/** One crash: which verb is killed where, and what is done afterwards. Pure; written as one word for a command line. */

export const verbs = ['up', 'add', 'down'] as const
/** `add` is `play component add`. */
export type Verb = (typeof verbs)[number]

export const victims = ['cli', 'engine', 'plugin'] as const
/** Who is killed: play itself, Pulumi's engine, or the plug-in that runs kind. */
export type Victim = (typeof victims)[number]

const recoveries = ['down', 'up'] as const
/** What a person does next: clean up, or go on. */
export type Recovery = (typeof recoveries)[number]

/** A crash. */
export interface Trial {
  readonly verb: Verb
  readonly victim: Victim
  /** Number of the point, from 1. */
  readonly point: number
  readonly recovery: Recovery
  /** A victim that is not there at the point is killed when it has been there for so long; milliseconds. */
  readonly delayMs: number
}

/** What an undisturbed run of a verb had. */
export interface Count {
  readonly points: number
  /** By victim: the last point that it lived to see, and for how long it lived; absent where it never ran. */
  readonly lives: Readonly<Partial<Record<Victim, { readonly lastPoint: number; readonly ms: number }>>>
}

/** What undisturbed runs had, by verb. */
export type Counts = Readonly<Record<Verb, Count>>

/** A trial as `--only` takes it: VERB:VICTIM:POINT:RECOVERY:DELAY. */
export function formatTrial({ verb, victim, point, recovery, delayMs }: Trial): string {
  return [verb, victim, String(point), recovery, String(delayMs)].join(':')
}

/** The reverse; recovery and delay may be left out (down, 0). Throws for what is no trial. */
export function parseTrial(text: string): Trial {
  const [verb, victim, point = '', recovery = 'down', delay = '0', ...more] = text.split(':')
  const trial = {
    verb: verbs.find((one) => one === verb),
    victim: victims.find((one) => one === victim),
    point: Number(point),
    recovery: recoveries.find((one) => one === recovery),
    delayMs: Number(delay),
  }
  const numbers = /^[1-9]\d*$/.test(point) && /^\d+$/.test(delay) && more.length === 0
  if (!numbers || trial.verb === undefined || trial.victim === undefined || trial.recovery === undefined)
    throw new Error(
      `"${text}" is no trial: VERB:VICTIM:POINT[:RECOVERY[:DELAY]], such as up:plugin:17:down:900`,
    )
  return trial as Trial
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => [random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item)
}

/**
 * Trials without end. Each pair of verb and victim that there was in the undisturbed runs comes once before any comes
 * again; points are spread evenly over the victim's life.
 */
export function* drawTrials(counts: Counts, random: () => number): Generator<Trial, never> {
  const pairs = verbs.flatMap((verb) =>
    victims
      .filter((victim) => victim === 'cli' || counts[verb].lives[victim] !== undefined)
      .map((victim) => ({ verb, victim })),
  )
  // Alternating within each pair, so that both recoveries are tried on each.
  const turns = new Map<string, number>(
    pairs.map(({ verb, victim }) => [verb + victim, Math.round(random())]),
  )
  for (;;) {
    for (const { verb, victim } of shuffled(pairs, random)) {
      const { points, lives } = counts[verb]
      const life = lives[victim] ?? { lastPoint: points, ms: 0 }
      const turn = turns.get(verb + victim) ?? 0
      turns.set(verb + victim, turn + 1)
      yield {
        verb,
        victim,
        point: 1 + Math.floor(random() * Math.max(1, life.lastPoint)),
        recovery: recoveries[turn % 2] ?? 'down',
        // A little less than its whole life, which may be shorter the next time.
        delayMs: Math.floor(random() * life.ms * 0.9),
      }
    }
  }
}
