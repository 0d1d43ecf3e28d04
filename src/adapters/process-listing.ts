/** Finds the processes that work for playgrounds by their environment, where the system shows it (Linux: /proc). */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { playgroundVariable, type RunningProcess } from '../domain/running-process.ts'
import { hasCode } from '../domain/system-error.ts'

/** A process seen there. */
export type ListedProcess = Omit<RunningProcess, 'startTime' | 'forwards'>

/** Programs that only run others, which their second argument then names. */
const interpreters = new Set(['sh', 'bash', 'dash', 'node'])
/** Podman starts these in the background with the environment of whoever came first; they serve everybody. */
const daemonVerbs = ['pause', 'system service', 'container cleanup']

/**
 * The processes of this user that were started for a playground. Those of other users cannot be read and are not ours;
 * what else inherited the variable, such as the daemons that Podman starts on the way, is nobody's to end. Undefined on
 * systems that do not show the environment of a process. Throws when the table cannot be read.
 */
export function listPlaygroundProcesses(procFolder = '/proc'): readonly ListedProcess[] | undefined {
  let names: readonly string[]
  try {
    names = readdirSync(procFolder)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
  // FreeBSD and others may have a /proc that tells less.
  if (!names.includes('self')) return undefined
  return names.filter((name) => /^\d+$/.test(name)).flatMap((name) => inspect(join(procFolder, name)))
}

function inspect(folder: string): readonly ListedProcess[] {
  const words = read(join(folder, 'cmdline')).split('\0').slice(0, -1)
  if (!isOurProgram(words)) return []
  const settings = read(join(folder, 'environ')).split('\0')
  const setting = settings.find((each) => each.startsWith(`${playgroundVariable}=`))
  if (setting === undefined || !isOfThisUser(folder)) return []
  return [
    {
      pid: Number(basename(folder)),
      command: commandOf(words),
      folder: setting.slice(playgroundVariable.length + 1),
    },
  ]
}

/** Whether a command line is that of an engine, a plug-in, kind or a client of a container engine. */
export function isOurProgram(words: readonly string[]): boolean {
  const [program = '', ...args] = withoutInterpreter(words)
  if (/^(pulumi(-.*)?|kind)$/.test(program)) return true
  if (/\/(dist\/provider\.js|pulumi\/provider\/main\.ts)$/.test(words[1] ?? '')) return true
  if (program !== 'docker' && program !== 'podman') return false
  const text = ` ${args.join(' ')} `
  return !daemonVerbs.some((verb) => text.includes(` ${verb} `))
}

/** The program's name and its first arguments. */
function commandOf(words: readonly string[]): string {
  return withoutInterpreter(words).slice(0, 5).join(' ').slice(0, 80)
}

function withoutInterpreter([first = '', second = '', ...others]: readonly string[]): readonly string[] {
  const program = basename(first)
  return interpreters.has(program) && second !== ''
    ? [basename(second), ...others]
    : [program, second, ...others].filter((word) => word !== '')
}

/** Somebody who may read everything, such as root, still owns only what he started. */
function isOfThisUser(folder: string): boolean {
  try {
    return statSync(folder).uid === process.getuid?.()
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return false
    throw error
  }
}

/** Empty for a process that has ended or that is somebody else's. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return ''
    throw error
  }
}
