/** What the tests ask of a playground that manages itself from git. */
import { existsSync, readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Said, Sandbox } from './playground.ts'

interface Metadata {
  readonly name: string
  readonly creationTimestamp: string
  readonly generation: number
}

/** An application as kubectl shows it. */
export interface Application {
  readonly metadata: Metadata
  readonly status?: {
    readonly sync?: { readonly status: string }
    readonly health?: { readonly status: string }
  }
}

async function items<T>(sandbox: Sandbox, ...words: readonly string[]): Promise<readonly T[]> {
  const text = await sandbox.tool('kubectl', ['get', ...words, '-o', 'json'])
  return (JSON.parse(text) as { items: T[] }).items
}

/** All applications of the current context. */
export function applications(sandbox: Sandbox): Promise<readonly Application[]> {
  return items(sandbox, 'applications', '-n', 'argocd')
}

/** Everything of the components that has a specification and could have been made anew. */
export function workloads(
  sandbox: Sandbox,
): Promise<readonly { readonly kind: string; readonly metadata: Metadata }[]> {
  const kinds = 'deployments,statefulsets,customresourcedefinitions'
  return items(sandbox, kinds, '-A', '-l', 'dev.play.component')
}

/** A field of an object, by kubectl's JSON path. */
export function field(sandbox: Sandbox, object: string, path: string): Promise<string> {
  const [namespace = '', kind = '', name = ''] = object.split('/')
  return sandbox.tool('kubectl', ['get', '-n', namespace, kind, name, '-o', `jsonpath={${path}}`])
}

/** True when the bundle that `make e2e` builds has an image whose reference begins so. */
export function bundleHolds(image: string, env: NodeJS.ProcessEnv = process.env): boolean {
  const cache = env['PLAY_CACHE_DIR'] ?? join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'play')
  const index = join(cache, 'bundles', 'full', 'index.json')
  return existsSync(index) && readFileSync(index, 'utf8').includes(`"reference": "${image}:`)
}

/** A person's working copy of the platform. */
export class WorkingCopy {
  readonly directory: string
  private readonly sandbox: Sandbox
  private readonly playground: string

  constructor(sandbox: Sandbox, playground: string) {
    this.sandbox = sandbox
    this.playground = playground
    this.directory = join(sandbox.folder, 'platform')
  }

  clone(): Promise<Said> {
    return this.sandbox.play(['git', 'clone', this.directory, '--name', this.playground])
  }

  push(): Promise<Said> {
    return this.sandbox.play(['git', 'push', this.directory, '--name', this.playground])
  }

  async git(...args: readonly string[]): Promise<string> {
    const author = ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.com']
    return this.sandbox.tool('git', ['-C', this.directory, ...author, ...args])
  }

  /** Commits a label on the object in that file. */
  async label(file: string, label: string): Promise<void> {
    const path = join(this.directory, 'platform', file)
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace('\n  labels:\n', `\n  labels:\n    ${label}\n`))
    await this.git('commit', '--quiet', '--all', '--message', `Label ${file}`)
  }
}
