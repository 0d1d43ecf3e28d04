/** An independent look at what is left: it shares no code with play and trusts nothing that play wrote. */
import { existsSync, readdirSync, readFileSync, type Dirent } from 'node:fs'
import { join } from 'node:path'

/** Where to look. The file system must be the real one. */
export interface Scene {
  /** Names of what the container engine holds, and what is no business of play. */
  readonly containers: Iterable<string>
  readonly volumes: Iterable<string>
  readonly networks: Iterable<string>
  /** Command lines of what runs. */
  readonly processes: Iterable<string>
  readonly stateDir: string
  /** Folder of the person's kubeconfig; nothing may be beside that file. */
  readonly kubeFolder: string
  /** Text of the file `config` in it before play came; undefined for no file. */
  readonly kubeconfig: string | undefined
}

/** Everything that is left, in words; nothing for a place as it was before. */
export function leftovers(scene: Scene): readonly string[] {
  return [
    ...[...scene.containers].map((name) => `container ${name}`),
    ...[...scene.volumes].map((name) => `volume ${name}`),
    ...[...scene.networks].map((name) => `network ${name}`),
    ...[...scene.processes].map((command) => `process ${command}`),
    ...kubeLeftovers(scene),
    ...stateLeftovers(scene.stateDir),
  ]
}

function kubeLeftovers({ kubeFolder, kubeconfig }: Scene): readonly string[] {
  const names = entries(kubeFolder).map(({ name }) => name)
  const beside = names.filter((name) => name !== 'config').map((name) => `file .kube/${name}`)
  const path = join(kubeFolder, 'config')
  const text = existsSync(path) ? readFileSync(path, 'utf8') : undefined
  if (text === kubeconfig) return beside
  return [
    ...beside,
    `kubeconfig is other than before: ${text === undefined ? 'it is gone' : JSON.stringify(text).slice(0, 400)}`,
  ]
}

/** Certificates may stay, and the empty folders in which playgrounds were. */
function stateLeftovers(stateDir: string): readonly string[] {
  return entries(stateDir).flatMap((entry) => {
    if (entry.isDirectory() && entry.name === 'certificates')
      return entries(join(stateDir, entry.name)).flatMap(({ name }) =>
        name.endsWith('.json') ? [] : [`file certificates/${name}`],
      )
    if (entry.isDirectory() && entry.name === 'playgrounds')
      return entries(join(stateDir, entry.name)).map(({ name }) => `file playgrounds/${name}`)
    return [`file ${entry.name}`]
  })
}

function entries(folder: string): readonly Dirent[] {
  return existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : []
}

/** Verdicts of the certificates that are there, newest last, as they are written; damaged ones are told as such. */
export function verdicts(stateDir: string): readonly string[] {
  const folder = join(stateDir, 'certificates')
  return entries(folder)
    .map(({ name }) => name)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => {
      try {
        const { verdict } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { verdict?: unknown }
        return String(verdict)
      } catch {
        return 'damaged'
      }
    })
}
