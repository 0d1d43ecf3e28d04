/** Performs one crash and judges what came after it: by exit codes, the certificate, and the witness. */
import type { CrashSandbox, Ended } from './crash-sandbox.ts'
import { verbs, type Count, type Counts, type Recovery, type Trial, type Verb } from './trial.ts'

/** Without components, for speed: what crashes here is the way to a cluster and back. */
const bare = ['git', 'argo-cd', 'argo-workflows', 'pulumi-operator', 'registry', 'buildkit'].flatMap((id) => [
  '--without',
  id,
])

/** What a trial came to. */
export interface Outcome {
  readonly trial: Trial
  /** The point that the kill became, or why there was none; such a trial does not count. */
  readonly kill: { readonly point: number; readonly name: string } | 'not reached' | 'no victim'
  /** From the start of the command that cleans up or goes on, to its end. */
  readonly recoveryMs: number
  /** Found by the witness after everything was said to be gone. */
  readonly leftovers: readonly string[]
  /** play said "empty" and the witness found something. */
  readonly falseEmpty: boolean
  /** Whether going on ended in a healthy playground; absent where the recovery was to clean up. */
  readonly converged?: boolean
  /** Sentences; none is a success. */
  readonly violations: readonly string[]
}

/** Makes a playground of a cluster alone. */
export function bareUp(name: string): readonly string[] {
  return ['up', name, ...bare]
}

function wordsOf(verb: Verb | 'status', name: string, component: string): readonly string[] {
  const words = {
    up: bareUp(name),
    add: ['component', 'add', component, name],
    down: ['down', name, '--yes'],
    status: ['status', name],
  }
  return [...words[verb], '--output', 'json']
}

/** The last lines of what a command said, to find out why. */
function tailOf({ stdout, stderr }: Ended): string {
  const lines = `${stderr}\n${stdout}`.split('\n').filter((line) => line.trim() !== '')
  return lines.slice(-12).join('\n    ')
}

function notEndedWell(what: string, ended: Ended): readonly string[] {
  if (ended.exitCode === 0) return []
  const code = ended.timedOut ? 'did not end' : `ended with exit code ${String(ended.exitCode)}`
  return [`${what} ${code}:\n    ${tailOf(ended)}`]
}

/** What `down` claims, held against the certificate and the witness. */
async function judgeDown(sandbox: CrashSandbox, ended: Ended): Promise<Judgement> {
  const verdict = await sandbox.verdict()
  const leftovers = await sandbox.look()
  const saidEmpty = ended.exitCode === 0
  return {
    leftovers,
    falseEmpty: leftovers.length > 0 && saidEmpty,
    violations: [
      ...notEndedWell('down', ended),
      ...(saidEmpty ? wrongVerdict(ended, verdict) : []),
      ...leftovers.map((finding) => `left: ${finding}`),
    ],
  }
}

interface Judgement {
  readonly leftovers: readonly string[]
  readonly falseEmpty: boolean
  readonly violations: readonly string[]
}

const nothingClaimed: Judgement = { leftovers: [], falseEmpty: false, violations: [] }

/** Whatever `down` claims in spite of the kill is held against the witness at once: exit code 0, or a certificate. */
async function judgeClaim(sandbox: CrashSandbox, { verb, victim }: Trial, ended: Ended): Promise<Judgement> {
  if (ended.timedOut) {
    const violations = [`${verb} did not end after the ${victim} was killed:\n    ${tailOf(ended)}`]
    return { ...nothingClaimed, violations }
  }
  if (verb !== 'down') return nothingClaimed
  if (ended.exitCode === 0) return judgeDown(sandbox, ended)
  if ((await sandbox.verdict()) !== 'empty') return nothingClaimed
  // The certificate is written under the lock, which a killed process cannot give back.
  const leftovers = (await sandbox.look()).filter((finding) => !/\/playgrounds\/\.[^/]*\.lock/.test(finding))
  const violations = leftovers.map((finding) => `left though a certificate says "empty": ${finding}`)
  return { leftovers, falseEmpty: leftovers.length > 0, violations }
}

/** A playground that never came to be needs no certificate; of one that was there, it has to say "empty". */
function wrongVerdict(ended: Ended, verdict: string | undefined): readonly string[] {
  if (verdict === 'empty' || (verdict === undefined && !/"existed": *true/.test(ended.stdout))) return []
  return [verdict === undefined ? 'down wrote no certificate' : `the certificate says "${verdict}"`]
}

async function resume(
  sandbox: CrashSandbox,
  { verb }: Trial,
): Promise<{ readonly durationMs: number; readonly violations: readonly string[] }> {
  // What was begun is gone on with: the specification is in the playground by then, but for a crash before it.
  const words = verb === 'add' ? ['up', sandbox.name, '--output', 'json'] : wordsOf('up', sandbox.name, '')
  const ended = await sandbox.play(words)
  const wrong = notEndedWell('up', ended)
  const { durationMs } = ended
  if (wrong.length > 0) return { durationMs, violations: wrong }
  const status = await sandbox.play(wordsOf('status', sandbox.name, ''))
  const ill = /"healthy": *true/.test(status.stdout) ? [] : [`status is not healthy: ${tailOf(status)}`]
  return { durationMs, violations: [...notEndedWell('status', status), ...ill] }
}

/** Makes what the verb needs; throws with what was said when that fails, since no crash is to blame. */
async function prepare(sandbox: CrashSandbox, verb: Verb): Promise<void> {
  await sandbox.remember()
  if (verb === 'up') return
  const wrong = notEndedWell('up, undisturbed,', await sandbox.play(wordsOf('up', sandbox.name, '')))
  if (wrong.length > 0) throw new Error(wrong.join('\n'))
}

/** Runs one trial in a sandbox of its own. Throws when the world for it could not be made or looked at. */
export async function performTrial(sandbox: CrashSandbox, trial: Trial, component: string): Promise<Outcome> {
  await prepare(sandbox, trial.verb)
  const crashed = await sandbox.crash(wordsOf(trial.verb, sandbox.name, component), trial)
  const { kill, points } = crashed.log
  const claimed = kill === undefined ? nothingClaimed : await judgeClaim(sandbox, trial, crashed)
  const resumed = kill !== undefined && trial.recovery === 'up' ? await resume(sandbox, trial) : undefined
  const down = await sandbox.play(wordsOf('down', sandbox.name, ''))
  const judged = await judgeDown(sandbox, down)
  return {
    trial,
    kill: kill ?? (points < trial.point ? 'not reached' : 'no victim'),
    recoveryMs: Math.round((resumed ?? down).durationMs),
    leftovers: [...claimed.leftovers, ...judged.leftovers],
    falseEmpty: claimed.falseEmpty || judged.falseEmpty,
    ...(resumed === undefined ? {} : { converged: resumed.violations.length === 0 }),
    violations: [claimed, resumed, judged].flatMap((each) => each?.violations ?? []),
  }
}

/** Runs each verb once, undisturbed, and counts its points. Throws when one of them fails or leaves something. */
export async function countPoints(sandbox: CrashSandbox, component: string): Promise<Counts> {
  await sandbox.remember()
  const counts: Partial<Record<Verb, Count>> = {}
  for (const verb of verbs) {
    const crashed = await sandbox.crash(wordsOf(verb, sandbox.name, component))
    const wrong =
      verb === 'down'
        ? (await judgeDown(sandbox, crashed)).violations
        : notEndedWell(`${verb}, undisturbed,`, crashed)
    if (wrong.length > 0) throw new Error(wrong.join('\n'))
    counts[verb] = { points: crashed.log.points, lives: crashed.log.lives }
  }
  return counts as Counts
}

/** In words, for a line of progress. */
export function describeRecovery(recovery: Recovery): string {
  return recovery === 'up' ? 'up, status, down' : 'down'
}
