/** A folder with kubeconfig files for each test, and the adapter on it. */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { parse } from 'yaml'
import { createProcessRunner } from '../../src/adapters/execa-process-runner.ts'
import { createKubeconfigs, type KubeconfigSettings } from '../../src/adapters/kube/kubeconfig.ts'
import type { Kubeconfigs } from '../../src/domain/ports.ts'

/** Golden files. */
export const fixtures = join(import.meta.dirname, '../fixtures/kubeconfig')

/** What kubeadm writes in the node. */
export const adminConf = await readFile(join(fixtures, 'kubeadm-admin.conf'), 'utf8')

/** What a person has, with all that must stay. */
export const before = await readFile(join(fixtures, 'before.yaml'), 'utf8')

/** The fields that tests look at. */
export type ReadConfig = Record<string, unknown> & {
  readonly 'current-context'?: string
  readonly contexts: readonly { readonly name: string }[] | null
}

/** What a test has at hand; the properties change from test to test. */
export interface KubeconfigWorld {
  readonly folder: string
  /** The person's kubeconfig, not there yet. */
  readonly user: string
  readonly kubeconfigs: Kubeconfigs
  open(settings?: Partial<KubeconfigSettings>): Kubeconfigs
  /** Writes the own kubeconfig of a playground; answers its path. */
  own(context?: string, server?: string): Promise<string>
}

/** Makes a folder before and removes it after each test. */
export function useKubeconfigs(): KubeconfigWorld {
  const world = {
    open: (settings) =>
      createKubeconfigs({
        env: { KUBECONFIG: world.user },
        homeDir: join(world.folder, 'home'),
        processes: createProcessRunner({ env: {} }),
        ...settings,
      }),
    own: async (context = 'play-one', server = 'https://127.0.0.1:40001') => {
      const path = join(world.folder, context)
      await world.kubeconfigs.writeOwn({ text: adminConf, path, context, server })
      return path
    },
  } as { -readonly [Key in keyof KubeconfigWorld]: KubeconfigWorld[Key] }
  beforeEach(async () => {
    world.folder = await mkdtemp(join(tmpdir(), 'play-kubeconfig-'))
    world.user = join(world.folder, 'config')
    world.kubeconfigs = world.open()
  })
  afterEach(async () => {
    await rm(world.folder, { recursive: true })
  })
  return world
}

/** A kubeconfig as any client reads it. */
export async function readConfig(path: string): Promise<ReadConfig> {
  return parse(await readFile(path, 'utf8')) as ReadConfig
}

/** The permission bits of a file. */
export async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777
}
