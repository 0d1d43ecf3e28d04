/** Kubeconfig files in memory: one of a person, and the playgrounds' own. */
import type { ClusterAccess } from '../../src/domain/cluster.ts'
import { PlayError } from '../../src/domain/errors.ts'
import type { Kubeconfigs, MergedContext } from '../../src/domain/ports.ts'

interface Own {
  readonly text: string
  readonly access: ClusterAccess
}

interface Entry {
  readonly server: string
  /** The text it was merged from; undefined for what a person put there. */
  readonly text?: string
  readonly former?: string | null
}

/** Passes the contract suite of the kubeconfigs on files. */
export class FakeKubeconfigs implements Kubeconfigs {
  /** Files of playgrounds by path. */
  readonly own = new Map<string, Own>()
  /** Contexts in the person's file, each with a cluster and a user of the same name. */
  readonly contexts = new Map<string, Entry>()
  /** The person's current context. */
  current: string | null = null
  path = '/home/person/.kube/config'
  /** Files that a crash left beside the person's file. */
  readonly left = new Set<string>()
  /** Makes every change of the person's file fail. */
  failWith: PlayError | undefined

  writeOwn(options: {
    readonly text: string
    readonly path: string
    readonly context: string
    readonly server?: string
  }): Promise<ClusterAccess> {
    const { text, path, context } = options
    const server = options.server ?? /server"?: "?([^\s"]+)/.exec(text)?.[1]
    if (server === undefined) return Promise.reject(damaged(path, 'it names no server'))
    const access = { kubeconfigPath: path, context, server }
    this.own.set(path, { text, access })
    return Promise.resolve(access)
  }

  readOwn(path: string): Promise<ClusterAccess | undefined> {
    const own = this.own.get(path)
    return Promise.resolve(own === undefined ? undefined : { ...own.access })
  }

  async merge(
    from: string,
    beforehand: (merged: MergedContext) => Promise<void> = () => Promise.resolve(),
  ): Promise<MergedContext> {
    const { text, access } = await this.mustHave(from)
    if (this.failWith !== undefined) throw this.failWith
    this.left.clear()
    const { context, server } = access
    const there = this.contexts.get(context)
    if (there !== undefined && there.text === undefined && there.server !== server)
      throw PlayError.of('KUBECONFIG_TAKEN', { path: this.path, context, server: there.server })
    const former = this.current === context ? (there?.former ?? null) : this.current
    const merged = { path: this.path, context, formerContext: former }
    await beforehand(merged)
    this.contexts.set(context, { server, text, former })
    this.current = context
    return merged
  }

  async isMerged(from: string): Promise<boolean> {
    const { text, access } = await this.mustHave(from)
    const there = this.contexts.get(access.context)
    return there?.text === text && there.server === access.server
  }

  remove({ path, context, formerContext }: MergedContext): Promise<{ readonly removed: boolean }> {
    if (this.failWith !== undefined) return Promise.reject(this.failWith)
    if (path !== this.path) return Promise.resolve({ removed: false })
    this.left.clear()
    const removed = this.contexts.has(context)
    if (removed) this.takeOut(context, this.contexts.get(context)?.former ?? formerContext)
    return Promise.resolve({ removed })
  }

  async text(path: string): Promise<string> {
    return (await this.mustHave(path)).text
  }

  contains(path: string, context: string): Promise<boolean> {
    return Promise.resolve(path === this.path && this.contexts.has(context))
  }

  strays(path: string): Promise<readonly string[]> {
    return Promise.resolve(path === this.path ? [...this.left] : [])
  }

  userPath(): string {
    return this.path
  }

  private takeOut(context: string, former: string | null): void {
    this.contexts.delete(context)
    for (const [name, entry] of this.contexts)
      if (entry.former === context) this.contexts.set(name, { ...entry, former })
    if (this.current === context) this.current = former !== null && this.contexts.has(former) ? former : null
  }

  private mustHave(path: string): Promise<Own> {
    const own = this.own.get(path)
    return own === undefined ? Promise.reject(damaged(path, 'it is not there')) : Promise.resolve(own)
  }
}

function damaged(path: string, reason: string): PlayError {
  return PlayError.of('KUBECONFIG_DAMAGED', { path, reason })
}
