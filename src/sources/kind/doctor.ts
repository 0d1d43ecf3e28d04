/** What kind needs of this machine, as rows of `play doctor`. */
import type { EngineFacts } from '../../domain/engine-facts.ts'
import { PlayError } from '../../domain/errors.ts'
import type { Machine } from '../../domain/machine.ts'
import type { ContainerEngine } from '../../domain/ports.ts'
import type { Answer, Question } from '../../domain/question.ts'
import { canInstall } from './doctor-fix.ts'
import { containersConf, readPodmanLimits } from './podman-settings.ts'

/** What the questions about kind ask. */
export interface KindDoctorPorts {
  readonly machine: Machine
  /** The engine that answers; throws ENGINE_MISSING or ENGINE_DOWN. Called once. */
  readonly engine: (signal: AbortSignal) => Promise<ContainerEngine>
  readonly engineFacts: (name: ContainerEngine['name'], signal: AbortSignal) => Promise<EngineFacts>
  /** Path of play's own containers.conf. */
  readonly containersConf: string
  /** The user's CONTAINERS_CONF, which play leaves in charge. */
  readonly userContainersConf?: string | undefined
}

/** The question and the engine that all of them share. */
interface Shared extends KindDoctorPorts {
  readonly found: (
    signal: AbortSignal,
  ) => Promise<{ readonly engine: ContainerEngine; readonly facts: EngineFacts }>
}

const gib = 1024 ** 3

/** kind's known issues: a few nodes use up the usual limits of a desktop. */
const inotify = { max_user_watches: 524_288, max_user_instances: 512 }

/** The rows; a row that only makes sense on Linux is left out elsewhere. */
export function kindQuestions(ports: KindDoctorPorts): readonly Question[] {
  let found: ReturnType<Shared['found']> | undefined
  const look = async (signal: AbortSignal): ReturnType<Shared['found']> => {
    const engine = await ports.engine(signal)
    return { engine, facts: await ports.engineFacts(engine.name, signal) }
  }
  const shared: Shared = { ...ports, found: (signal) => (found ??= look(signal)) }
  const questions = [engineQuestion(shared), diskQuestion(shared), memoryQuestion(shared)]
  if (ports.machine.platform !== 'linux') return questions
  return [...questions, settingsQuestion(shared), modulesQuestion(shared), inotifyQuestion(ports.machine)]
}

function engineQuestion(shared: Shared): Question {
  return {
    id: 'engine',
    subject: 'Container engine',
    needed: 'docker 20.10 or podman 4.3, or newer',
    ask: async (signal) => {
      try {
        const { facts } = await shared.found(signal)
        return judgeEngine(facts)
      } catch (error) {
        if (!(error instanceof PlayError && error.id === 'ENGINE_MISSING')) throw error
        return { status: 'missing', found: error.message, fix: await howToInstall(shared.machine) }
      }
    },
  }
}

async function howToInstall(machine: Machine): Promise<string> {
  if (await canInstall(machine)) return 'play doctor --fix'
  return 'Install Docker (https://docs.docker.com/engine/install) or Podman (https://podman.io/docs/installation)'
}

function judgeEngine({ name, version, rootless, cgroup, runtime }: EngineFacts): Answer {
  const mode = rootless ? 'rootless' : 'as root'
  const found = `${name} ${version}, ${mode}, cgroup v${String(cgroup)}, ${runtime}`
  if (rootless && cgroup === 1) {
    return { status: 'missing', found, fix: 'Rootless kind needs cgroup v2; or run the engine as root' }
  }
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [wantedMajor, wantedMinor] = name === 'docker' ? [20, 10] : [4, 3]
  const isOld = major < wantedMajor || (major === wantedMajor && minor < wantedMinor)
  return isOld ? { status: 'warning', found, fix: `Install a newer ${name}` } : { status: 'ok', found }
}

function diskQuestion(shared: Shared): Question {
  return {
    id: 'engine.disk',
    subject: 'Disk for images',
    needed: '10 GiB free; less than 6 is too little',
    ifUnknown: 'warning',
    ask: async (signal) => {
      const { engine } = await shared.found(signal)
      const { path, freeBytes } = await engine.disk(signal)
      const found = `${(freeBytes / gib).toFixed(1)} GiB free at ${path}`
      if (freeBytes >= 10 * gib) return { status: 'ok', found }
      const status = freeBytes >= 6 * gib ? 'warning' : 'missing'
      return { status, found, fix: `${engine.name} system prune --all` }
    },
  }
}

function memoryQuestion(shared: Shared): Question {
  return {
    id: 'memory',
    subject: 'Memory',
    needed: '4 GiB',
    ifUnknown: 'warning',
    ask: async (signal) => {
      // The engine may run in a virtual machine that has less than this one.
      const ofEngine = await shared.found(signal).then(
        ({ facts }) => facts.memoryBytes,
        () => undefined,
      )
      const bytes = ofEngine ?? shared.machine.memoryBytes
      const found = `${(bytes / gib).toFixed(1)} GiB`
      // Machines sold with 4 GiB report a little less.
      if (bytes >= 3.7 * gib) return { status: 'ok', found }
      return {
        status: bytes >= 2 * gib ? 'warning' : 'missing',
        found,
        fix: 'Give the container engine more memory',
      }
    },
  }
}

function settingsQuestion(shared: Shared): Question {
  const { machine, containersConf: path, userContainersConf = '' } = shared
  return {
    id: 'engine.settings',
    subject: 'Settings of podman',
    needed: 'limits and a runtime that this machine permits',
    ifUnknown: 'warning',
    ask: async (signal) => {
      const engine = await shared.found(signal).then(
        ({ facts }) => facts,
        () => undefined,
      )
      if (engine?.name !== 'podman') return { status: 'ok', found: 'not used' }
      const wanted = engine.rootless ? undefined : containersConf(await readPodmanLimits(machine))
      if (wanted === undefined) return { status: 'ok', found: 'the defaults work here' }
      if (userContainersConf !== '') return { status: 'ok', found: `your own: ${userContainersConf}` }
      if ((await machine.readText(path)) === wanted) return { status: 'ok', found: path }
      const ofMachine = '/etc/containers/containers.conf'
      if ((await machine.readText(ofMachine)) !== undefined)
        return { status: 'ok', found: `your own: ${ofMachine}` }
      return { status: 'missing', found: 'the defaults, which do not work here', fix: 'play doctor --fix' }
    },
  }
}

function modulesQuestion(shared: Shared): Question {
  return {
    id: 'modules',
    subject: '/lib/modules',
    needed: 'there, since kind mounts it into its nodes',
    ask: async (signal) => {
      if (await shared.machine.isFolder('/lib/modules')) return { status: 'ok', found: 'there' }
      const name = await shared.found(signal).then(
        ({ engine }) => engine.name,
        () => undefined,
      )
      if (name === 'docker') return { status: 'ok', found: 'not there; docker makes it' }
      return { status: 'missing', found: 'not there', fix: 'sudo mkdir -p /lib/modules' }
    },
  }
}

function inotifyQuestion(machine: Machine): Question {
  const needed = Object.entries(inotify).map(([name, value]) => `${name} ${String(value)}`)
  return {
    id: 'inotify',
    subject: 'Limits of inotify',
    needed: `${needed.join(', ')} for several nodes`,
    ifUnknown: 'warning',
    ask: async () => {
      const rows = await Promise.all(
        Object.entries(inotify).map(async ([name, wanted]) => {
          const have = Number((await machine.readText(`/proc/sys/fs/inotify/${name}`)) ?? '')
          return { name, wanted, have }
        }),
      )
      const found = rows.map(({ name, have }) => `${name} ${String(have)}`).join(', ')
      const low = rows.filter(({ have, wanted }) => have < wanted)
      if (low.length === 0) return { status: 'ok', found }
      const settings = low.map(({ name, wanted }) => `fs.inotify.${name}=${String(wanted)}`)
      return { status: 'warning', found, fix: `sudo sysctl ${settings.join(' ')}` }
    },
  }
}
