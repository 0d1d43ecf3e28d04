/** Where play keeps settings of its own for podman, and how podman and kind come to use them. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment } from './child-environment.ts'

/** Path of play's own containers.conf, which `play doctor --fix` writes; /etc and the user's file stay untouched. */
export function containersConfPath(configDir: string): string {
  return join(configDir, 'containers.conf')
}

/**
 * What is added to the environment of podman, and of kind on podman: CONTAINERS_CONF with play's own file
 * where that exists, and nothing where the user has set CONTAINERS_CONF. Podman then reads this file
 * instead of all its others (containers.conf(5)).
 */
export function podmanEnvironment(configDir: string, env: Environment): Readonly<Record<string, string>> {
  const path = containersConfPath(configDir)
  const ofUser = env['CONTAINERS_CONF'] ?? ''
  return ofUser === '' && existsSync(path) ? { CONTAINERS_CONF: path } : {}
}
