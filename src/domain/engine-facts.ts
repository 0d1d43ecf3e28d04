/** What a container engine says of itself. */

/** Facts that decide whether kind can work with an engine. */
export interface EngineFacts {
  readonly name: 'docker' | 'podman'
  readonly version: string
  readonly rootless: boolean
  /** Version of the control groups it uses. A hybrid machine counts as 1. */
  readonly cgroup: 1 | 2
  /** Name of the program that runs its containers, such as runc. */
  readonly runtime: string
  /** Of the machine that runs its containers, which may be a virtual one. */
  readonly memoryBytes: number
}
