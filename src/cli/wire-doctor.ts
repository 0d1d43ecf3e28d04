/** Wires `play doctor`; a part of the composition root. */
import type { Check } from '../domain/check.ts'
import { PlayError } from '../domain/errors.ts'
import type { Artifacts, ProcessRunner, Ports } from '../domain/ports.ts'
import type { Doctor } from '../workflows/run-doctor.ts'
import type { UserFolders } from './folders.ts'

/** What doctor asks with. */
export interface DoctorWiring {
  readonly ports: Ports
  readonly processes: () => Promise<ProcessRunner>
  /** The same artifacts, but never asking the network. */
  readonly localArtifacts: () => Promise<Artifacts>
  readonly bundleFolder: () => Promise<string | undefined>
  readonly folders: UserFolders
  readonly env: Readonly<Record<string, string | undefined>>
  readonly nodeVersion: string
}

/** What play downloads comes from here first; one answer is enough to know that there is a network. */
const probeUrl = 'https://kind.sigs.k8s.io/'
const probePatienceMs = 5_000

/** Makes the doctor; nothing is asked yet. */
export async function wireDoctor(wiring: DoctorWiring): Promise<Doctor> {
  const { ports, processes, folders, env } = wiring
  const [{ runDoctor, generalQuestions }, { kindQuestions }, { planDoctorFix }, { localMachine }, conf] =
    await Promise.all([
      import('../workflows/doctor.ts'),
      import('../sources/kind/doctor.ts'),
      import('../sources/kind/doctor-fix.ts'),
      import('../adapters/local-machine.ts'),
      import('../adapters/containers-conf.ts'),
    ])
  const containersConf = conf.containersConfPath(folders.config)
  const settings = {
    processes: await processes(),
    podmanEnvironment: conf.podmanEnvironment(folders.config, env),
  }
  const findTool = async (name: 'kind' | 'pulumi' | 'kubectl', signal: AbortSignal) =>
    (await wiring.localArtifacts()).tool(name, signal)
  const questions = [
    ...kindQuestions({
      machine: localMachine,
      engine: ports.engine,
      async engineFacts(name, signal) {
        const { readEngineFacts } = await import('../adapters/engine-facts.ts')
        return readEngineFacts(name, settings, signal)
      },
      containersConf,
      userContainersConf: env['CONTAINERS_CONF'],
    }),
    ...generalQuestions({
      machine: localMachine,
      nodeVersion: wiring.nodeVersion,
      stateDir: folders.state,
      neededTools: ['kind', 'pulumi'],
      findTool,
      bundle: wiring.bundleFolder,
      reachNetwork,
    }),
  ]
  const fixOptions = async (signal: AbortSignal) => ({
    ...{
      machine: localMachine,
      processes: settings.processes,
      containersConf,
      userContainersConf: env['CONTAINERS_CONF'],
    },
    dockerAnswers: await isDocker(ports, signal),
    signal,
  })
  return {
    check: (signal): Promise<readonly Check[]> => runDoctor(questions, signal),
    plan: async (signal) => planDoctorFix(await fixOptions(signal)),
  }
}

/** Without docker, podman is what doctor knows how to mend. */
async function isDocker(ports: Ports, signal: AbortSignal): Promise<boolean> {
  return ports.engine(signal).then(
    ({ name }) => name === 'docker',
    () => false,
  )
}

async function reachNetwork(signal: AbortSignal): Promise<void> {
  try {
    await fetch(probeUrl, {
      method: 'HEAD',
      signal: AbortSignal.any([signal, AbortSignal.timeout(probePatienceMs)]),
    })
  } catch (cause) {
    throw PlayError.of('DOWNLOAD_FAILED', { url: probeUrl, reason: 'no answer' }, { cause })
  }
}
