/** The ports of one simulated process with a part replaced: what fails around it, or a mistake that it makes itself. */
import type { Ports } from '../../../src/domain/ports.ts'
import type { Verb } from './simulation.ts'

/** Ports that are opened by a call. */
type Opened = 'engine' | 'states' | 'processTable' | 'kubeconfigs' | 'stack'
/** What opening it gives. */
export type Port<K extends Opened> = Awaited<ReturnType<Ports[K]>>

/** A change of what a process works with. */
export type Alteration = (ports: Ports) => Ports

/** `target` with other methods in the place of some of its own. */
function overriding<T extends object>(target: T, methods: Partial<T>): T {
  return new Proxy(target, {
    get: (from, key): unknown => Reflect.get(key in methods ? methods : from, key),
  })
}

/** Replaces methods of one port; `change` is given the port as it was. */
export function alter<K extends Opened>(key: K, change: (real: Port<K>) => Partial<Port<K>>): Alteration {
  return (ports) => {
    const open = ports[key] as (...args: unknown[]) => Promise<Port<K>>
    return {
      ...ports,
      [key]: async (...args: unknown[]) => {
        const real = await open(...args)
        return overriding(real, change(real))
      },
    }
  }
}

/** The verb as a process would run it that has these ports. */
export function altered<T>(verb: Verb<T>, ...alterations: readonly Alteration[]): Verb<T> {
  return (ports, session) =>
    verb(
      alterations.reduce((so, change) => change(so), ports),
      session,
    )
}
