/** Tells one podman from another without asking it: `podman info` takes a second, and podman has no id of its own. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'

/** What decides beside the machine and the user whose containers `podman` shows. */
export interface PodmanPlace {
  /** CONTAINER_HOST or CONTAINER_CONNECTION: another podman, which this one only asks. */
  readonly connection?: string | undefined
  /** CONTAINERS_STORAGE_CONF: where its storage is. */
  readonly storage?: string | undefined
  /** XDG_DATA_HOME, below which the storage of a user other than root is. */
  readonly dataHome?: string | undefined
}

/** Twelve hexadecimal digits that differ for another machine, user, connection or storage. Says nothing of them. */
export async function podmanIdentity(place: PodmanPlace): Promise<string> {
  const { connection = '', storage = '', dataHome = '' } = place
  const machineId = await readFile('/etc/machine-id', 'utf8').catch(() => '')
  const machine = machineId.trim() === '' ? hostname() : machineId.trim()
  const user = String(process.getuid?.() ?? '')
  const parts = JSON.stringify([machine, user, connection, storage, user === '0' ? '' : dataHome])
  return createHash('sha256').update(parts).digest('hex').slice(0, 12)
}
