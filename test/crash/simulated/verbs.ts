/** The verbs of play as their commands call them, with everything on. */
import { createDemoFolders } from '../../../src/adapters/demo-folders.ts'
import { componentRegistry } from '../../../src/components/index.ts'
import { demoMaker } from '../../../src/demos/index.ts'
import type { DemoResult } from '../../../src/domain/demo.ts'
import type { DownForecast, DownResult, DryRun, UpResult } from '../../../src/domain/results.ts'
import { certificateOf } from '../../../src/inventory/certificate.ts'
import { requireEmpty, takeInventory } from '../../../src/inventory/inventory.ts'
import { verifyEmpty } from '../../../src/inventory/verify.ts'
import { kindSource } from '../../../src/sources/kind/index.ts'
import { addComponent } from '../../../src/workflows/component.ts'
import { runDemo } from '../../../src/workflows/demo.ts'
import { down, type DownOptions, type DownParts } from '../../../src/workflows/down.ts'
import { up, type UpOptions } from '../../../src/workflows/up.ts'
import { packageRoot } from '../../fakes/fake-ports.ts'
import type { Verb } from './simulation.ts'

const registries = { source: kindSource, components: componentRegistry }
const timeoutMs = 60_000
const inventory = {
  ...{ take: takeInventory, requireEmpty, verify: verifyEmpty },
  certificate: (known: Omit<Parameters<typeof certificateOf>[0], 'tool'>) =>
    certificateOf({ ...known, tool: 'play test' }),
}
/** What `down` works with. */
export const parts: DownParts = { source: kindSource, inventory }

/** `play up`. */
export function upVerb(options: Partial<UpOptions> = {}): Verb<UpResult | DryRun> {
  const wanted = {
    name: 'dev',
    with: [],
    without: [],
    timeoutMs,
    mergeKubeconfig: true,
    wait: true,
    ...options,
  }
  return (ports, session) => up(wanted, ports, registries, session)
}

/** Everything that is there by default, for a cluster that is as small as can be. */
export const bare: Partial<UpOptions> = {
  without: componentRegistry.all.filter(({ byDefault }) => byDefault).map(({ id }) => id),
}

/** `play down`; with other `parts` one that has a mistake in it. */
export function downVerb(
  options: Partial<DownOptions> = {},
  own: DownParts = parts,
): Verb<DownResult | DownForecast> {
  const asked = { name: 'dev', timeoutMs, force: false, ...options }
  return (ports, session) => down(asked, ports, own, session)
}

/** `play component add`. */
export function addVerb(component: string): Verb<UpResult | DryRun> {
  const asked = { name: 'dev', component, timeoutMs }
  return (ports, session) => addComponent(asked, ports, registries, session)
}

const hello = createDemoFolders({ packageRoot, cwd: packageRoot }).open('hello')

/** `play demo hello`. */
export const demoVerb: Verb<DemoResult> = async (ports, session) => {
  const asked = {
    ...{ folder: await hello, name: 'dev', timeoutMs, options: {}, again: 'play demo hello dev' },
    ...{ confirmStop: () => Promise.resolve(true), onStopped: () => undefined },
  }
  return runDemo(asked, { ports, components: componentRegistry, demos: demoMaker }, session)
}
