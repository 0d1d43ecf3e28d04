/** The slot `infrastructure`: programs that make things outside the cluster, as objects in it. */
import type { KubeObject } from './cluster.ts'
import type { ClusterClient } from './ports.ts'

/** A program and what it was told. */
export interface Declaration {
  /** At most 42 characters; also the name of its objects. */
  readonly name: string
  /** The program in the product's own language, as data. */
  readonly program: Readonly<Record<string, unknown>>
}

/** How what was declared is doing. */
export interface DeclarationState {
  /** `absent` only once whatever it had made has been destroyed, as far as the product tells. */
  readonly phase: 'waiting' | 'running' | 'succeeded' | 'failed' | 'deleting' | 'absent'
  /** Why it failed, or what it waits for; empty when nothing is to be told. */
  readonly message: string
  /** What the program answered; secrets are not readable here. */
  readonly outputs: Readonly<Record<string, unknown>>
}

/** Declares programs, tells how they went and what they answered, and destroys what they made when they are deleted. */
export interface Infrastructure {
  /** Where declarations live: what they need to run is there. */
  readonly namespace: string
  /** The objects that declare a program, as git may hold them: no secret is in them. */
  objects(declaration: Declaration): readonly KubeObject[]
  /**
   * How it is, at once and at each change, until the signal aborts; `absent` before it is declared and after its end.
   * A state that belongs to an earlier version of the declaration counts as `running`.
   */
  observe(
    client: Pick<ClusterClient, 'get' | 'watch'>,
    name: string,
    signal: AbortSignal,
  ): AsyncIterable<DeclarationState>
}
