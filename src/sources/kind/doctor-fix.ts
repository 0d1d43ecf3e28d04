/** What `play doctor --fix` can do itself: podman and its settings, on Debian and Ubuntu, as root. */
import { PlayError } from '../../domain/errors.ts'
import type { Machine } from '../../domain/machine.ts'
import type { ProcessOptions, ProcessRunner } from '../../domain/ports.ts'
import { createPlan, type Plan } from '../../engine/plan.ts'
import { defineStep, type Scope, type Step } from '../../engine/step.ts'
import { containersConf, readPodmanLimits } from './podman-settings.ts'

/** What the fix may touch and needs to know. */
export interface DoctorFixOptions {
  readonly machine: Machine
  readonly processes: ProcessRunner
  /** Where play's own containers.conf belongs. */
  readonly containersConf: string
  /** The user's CONTAINERS_CONF; play writes no settings of its own beside it. */
  readonly userContainersConf?: string | undefined
  /** True when docker answers: then there is nothing to do for podman. */
  readonly dockerAnswers: boolean
  readonly signal: AbortSignal
}

/** A plan and what it will change, in sentences for the question that comes first. */
export interface DoctorFix {
  readonly plan: Plan
  readonly changes: readonly string[]
}

/** All that kind on podman needs; Debian would otherwise recommend a desktop's worth more. */
const packages = ['podman', 'runc', 'netavark', 'aardvark-dns', 'conmon', 'iptables', 'uidmap']
const modules = '/lib/modules'

/** True where the fix knows what to do: Debian, Ubuntu and their kin, as root. */
export async function canInstall(machine: Machine): Promise<boolean> {
  if (machine.platform !== 'linux' || !machine.isRoot) return false
  const release = (await machine.readText('/etc/os-release')) ?? ''
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(release)
}

/**
 * Looks at what is missing and plans to make it so; changes nothing yet. Undefined when nothing is missing, or
 * when this is no machine for it. /etc is left alone: settings go into play's own containers.conf.
 */
export async function planDoctorFix(options: DoctorFixOptions): Promise<DoctorFix | undefined> {
  const { machine, dockerAnswers, userContainersConf = '' } = options
  if (dockerAnswers || !(await canInstall(machine))) return undefined
  const missing = await missingPackages(options.processes, options.signal)
  const conf = containersConf(await readPodmanLimits(machine))
  const install = missing.length > 0 ? [installStep(options)] : []
  const settings =
    conf === undefined ||
    userContainersConf !== '' ||
    (await machine.readText(options.containersConf)) === conf
      ? []
      : [settingsStep(options, conf, install)]
  const folder = (await machine.isFolder(modules)) ? [] : [modulesStep(machine)]
  const steps = [...install, ...settings, ...folder]
  if (steps.length === 0) return undefined
  const changes = [
    ...install.map(() => `install ${missing.join(', ')} with apt-get`),
    ...settings.map(() => `write ${options.containersConf}, which only play uses`),
    ...folder.map(() => `make the folder ${modules}`),
  ]
  return { plan: createPlan([{ name: 'Fix', steps }]), changes }
}

function installStep({ processes }: DoctorFixOptions): Step<object> {
  return defineStep<object>({
    id: 'fix.packages',
    title: 'Install podman',
    timeoutMs: 900_000,
    check: async ({ signal }) => ((await missingPackages(processes, signal)).length === 0 ? {} : undefined),
    async run(scope) {
      const missing = await missingPackages(processes, scope.signal)
      await apt(processes, ['update'], scope)
      await apt(processes, ['install', '--yes', '--no-install-recommends', ...missing], scope)
      return {}
    },
  })
}

function settingsStep(
  { machine, containersConf: path }: DoctorFixOptions,
  text: string,
  after: readonly Step<unknown>[],
): Step<object> {
  return defineStep<object>({
    id: 'fix.settings',
    title: 'Write settings for podman',
    after,
    check: async () => ((await machine.readText(path)) === text ? {} : undefined),
    async run() {
      await machine.writeText(path, text, 0o644)
      return {}
    },
    describe: () => path,
  })
}

function modulesStep(machine: Machine): Step<object> {
  return defineStep<object>({
    id: 'fix.modules',
    title: `Make ${modules}`,
    check: async () => ((await machine.isFolder(modules)) ? {} : undefined),
    async run() {
      await machine.makeFolder(modules)
      return {}
    },
  })
}

/** Packages that are not installed. dpkg-query fails when it does not know one of them, and lists the others. */
async function missingPackages(processes: ProcessRunner, signal: AbortSignal): Promise<readonly string[]> {
  const args = ['--show', '--showformat', '${Package} ${db:Status-Status}\\n', ...packages]
  const { stdout } = await processes.run('dpkg-query', args, { signal, timeoutMs: 30_000 })
  const installed = new Set(stdout.split('\n').filter((line) => line.endsWith(' installed')))
  return packages.filter((name) => !installed.has(`${name} installed`))
}

async function apt(processes: ProcessRunner, args: readonly string[], scope: Scope): Promise<void> {
  const options: ProcessOptions = {
    signal: scope.signal,
    timeoutMs: 600_000,
    env: { DEBIAN_FRONTEND: 'noninteractive' },
    onLine: (line) => {
      scope.report.log(line, 'apt-get')
    },
  }
  const { exitCode, stdout, stderr } = await processes.run('apt-get', args, options)
  if (exitCode === 0) return
  const details = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '')
  const command = `apt-get ${args.join(' ')}`
  throw PlayError.of(
    'FIX_FAILED',
    { what: command },
    { details: details.slice(-40), suggestions: [`sudo ${command}`] },
  )
}
