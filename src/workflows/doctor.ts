/** `play doctor`: is everything there that play needs, and if not, how does it get there? */
import type { Check } from '../domain/check.ts'
import { PlayError } from '../domain/errors.ts'
import type { Machine } from '../domain/machine.ts'
import type { FoundArtifact, ToolName } from '../domain/ports.ts'
import type { Answer, Question } from '../domain/question.ts'

/** A question that has not been answered after this many milliseconds is a finding of its own. */
const patienceMs = 30_000

const gib = 1024 ** 3

/** What the general questions ask. */
export interface DoctorPorts {
  readonly machine: Machine
  /** Of the running Node, with or without a v. */
  readonly nodeVersion: string
  /** Folder of play's state, absolute. */
  readonly stateDir: string
  /** What making a cluster runs; each gets a row. */
  readonly neededTools: readonly ToolName[]
  /** Looks for a tool without downloading anything; throws like Artifacts.tool. */
  readonly findTool: (name: ToolName, signal: AbortSignal) => Promise<FoundArtifact>
  /** Path of the bundle in use; undefined when there is none. Throws BUNDLE_INVALID. */
  readonly bundle: () => Promise<string | undefined>
  /** Resolves when what play downloads can be reached; throws DOWNLOAD_FAILED or the like otherwise. */
  readonly reachNetwork: (signal: AbortSignal) => Promise<void>
}

/** Asks everything at the same time and never throws for an answer; rejects with the reason when aborted. */
export async function runDoctor(
  questions: readonly Question[],
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const checks = await Promise.all(questions.map((question) => check(question, signal)))
  signal.throwIfAborted()
  return checks
}

async function check(question: Question, signal: AbortSignal): Promise<Check> {
  const { id, subject, needed, ifUnknown = 'missing' } = question
  const limit = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])
  let answer: Answer
  try {
    answer = await Promise.race([question.ask(limit), rejectOn(limit)])
  } catch (error) {
    answer = unanswered(error, ifUnknown)
  }
  return { id, subject, needed, status: answer.status, found: answer.found, fix: answer.fix ?? '' }
}

function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error)
    })
  })
}

function unanswered(error: unknown, status: 'warning' | 'missing'): Answer {
  if (error instanceof PlayError) {
    const [fix = ''] = error.suggestions
    return { status, found: error.message, fix }
  }
  return { status, found: `not known: ${error instanceof Error ? error.message : String(error)}` }
}

/** The questions that any source of clusters shares. */
export function generalQuestions(ports: DoctorPorts): readonly Question[] {
  // Asked once, however many rows need to know.
  let reached: Promise<boolean> | undefined
  const online = (signal: AbortSignal): Promise<boolean> =>
    (reached ??= ports.reachNetwork(signal).then(
      () => true,
      () => false,
    ))
  return [
    nodeQuestion(ports.nodeVersion),
    artifactsQuestion(ports, online),
    ...ports.neededTools.map((name) => toolQuestion(name, ports, online)),
    toolQuestion('kubectl', ports),
    stateQuestion(ports),
    stateDiskQuestion(ports),
  ]
}

function nodeQuestion(version: string): Question {
  return {
    id: 'node',
    subject: 'Node.js',
    needed: '22.13 or newer',
    ask: () => {
      const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
      if (major > 22 || (major === 22 && minor >= 13))
        return Promise.resolve({ status: 'ok', found: version })
      const fix = 'Install a current Node.js from https://nodejs.org'
      return Promise.resolve({ status: 'missing', found: version, fix })
    },
  }
}

function artifactsQuestion(ports: DoctorPorts, online: (signal: AbortSignal) => Promise<boolean>): Question {
  return {
    id: 'artifacts',
    subject: 'Bundle or network',
    needed: 'one of the two',
    ask: async (signal) => {
      const bundle = await ports.bundle()
      if (bundle !== undefined) return { status: 'ok', found: `bundle at ${bundle}` }
      if (await online(signal)) return { status: 'ok', found: 'no bundle; the network is reachable' }
      const fix = 'From a checkout: make bundle. Where the internet is reachable: play bundle pull'
      return { status: 'missing', found: 'no bundle, and the network is not reachable', fix }
    },
  }
}

/**
 * Is a tool there? One that is not, and that play downloads when it needs it, is fine as long as `online` says
 * yes; without `online` the tool is optional and only a convenience for the user.
 */
function toolQuestion(
  name: ToolName,
  ports: DoctorPorts,
  online?: (signal: AbortSignal) => Promise<boolean>,
): Question {
  return {
    id: `tool.${name}`,
    subject: name,
    needed:
      online === undefined ? 'optional, for your own use' : 'in the bundle, on PATH or from the network',
    ask: async (signal) => {
      try {
        const { version, origin, path } = await ports.findTool(name, signal)
        return { status: 'ok', found: `${version} (${origin}: ${path})` }
      } catch (error) {
        signal.throwIfAborted()
        if (!(error instanceof PlayError)) throw error
        if (online === undefined) {
          return { status: 'warning', found: error.message, fix: 'https://kubernetes.io/docs/tasks/tools' }
        }
        // A tool that is there but too old or not executable stays in the way of the download.
        const isAbsent = ['TOOL_MISSING', 'OFFLINE_NO_BUNDLE', 'ARTIFACT_MISSING'].includes(error.id)
        if (isAbsent && (await online(signal)))
          return { status: 'ok', found: 'not yet here; play downloads it' }
        throw error
      }
    },
  }
}

function stateQuestion({ machine, stateDir }: DoctorPorts): Question {
  return {
    id: 'state',
    subject: 'State folder',
    needed: 'writable',
    ask: async () => {
      if (await machine.isWritable(stateDir)) return { status: 'ok', found: stateDir }
      const fix = 'Make it writable, or set PLAY_STATE_DIR to a folder that is'
      return { status: 'missing', found: `${stateDir} cannot be written`, fix }
    },
  }
}

function stateDiskQuestion({ machine, stateDir }: DoctorPorts): Question {
  return {
    id: 'state.disk',
    subject: 'Disk for state',
    needed: '0.5 GiB free',
    ifUnknown: 'warning',
    ask: async () => {
      const free = await machine.freeBytes(stateDir)
      const found = `${(free / gib).toFixed(1)} GiB free at ${stateDir}`
      if (free >= gib / 2) return { status: 'ok', found }
      return { status: 'missing', found, fix: 'Free some space, or set PLAY_STATE_DIR to another disk' }
    },
  }
}
