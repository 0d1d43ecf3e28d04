/** Steps that install a component: read its manifest, apply it, wait until it is ready. */
import type { Health, KubeObject } from '../../domain/cluster.ts'
import type { Component, InstallOptions, InstallSteps } from '../../domain/component.ts'
import { defineStep, type Scope, type Step } from '../../engine/step.ts'
import { applyObjects, awaitGone } from './apply-objects.ts'
import { awaitReady } from './await-ready.ts'
import { readManifest } from './component-objects.ts'
import { isWorkload } from './health.ts'
import { standing, type Standing } from './standing.ts'
import { transform } from './transform.ts'

/** Makes the steps. What stands and is not the playground's own stops them with COMPONENT_CONFLICT before they write. */
export function installSteps(component: Component, options: InstallOptions): InstallSteps {
  const { id, title, version } = component
  const manifest = defineStep<readonly KubeObject[]>({
    id: `${id}.manifest`,
    title: `Read the manifest of ${title} ${version}`,
    readOnly: true,
    async run({ signal, report }) {
      const artifacts = await options.artifacts()
      const objects = await readManifest(component.manifest, options, signal, report)
      const { root, adoption } = options
      return transform(objects, { component, root, adoption, preloaded: artifacts.bundled })
    },
    describe: (objects) => `${String(objects.length)} objects`,
  })
  const install = { component, options, manifest }
  const apply = partStep(install, {
    ...{ name: 'apply', title: applyTitle(component, options.installedVersion), isFirst: true },
    after: () => [options.schedulable, options.required()],
    belongs: (object) => !isWorkload(object),
  })
  const start = partStep(install, {
    ...{ name: 'start', title: `Start ${title}`, isFirst: false },
    // A pod that comes before its image is tried again only after ten seconds and more.
    after: () => [apply, options.network, ...(component.images === undefined ? [] : [options.images()])],
    belongs: isWorkload,
  })
  const ready = defineStep<Health>({
    id: `${id}.ready`,
    title: `Wait for ${title}`,
    get after() {
      return [start, options.images()]
    },
    timeoutMs: options.timeoutMs,
    readOnly: true,
    run: (scope) => awaitReady(scope, component, options, scope.use(manifest)),
  })
  return { manifest, apply, start, ready }
}

/** Says where a version changes: what holds the whole playground to its pins must not do so unseen. */
function applyTitle({ title, version }: Component, installed: string | undefined): string {
  if (installed === undefined || installed === version) return `Install ${title} ${version}`
  const isOlder = version.localeCompare(installed, 'en', { numeric: true }) < 0
  return `${isOlder ? 'Downgrade' : 'Upgrade'} ${title} ${installed} → ${version}`
}

interface Install {
  readonly component: Component
  readonly options: InstallOptions
  readonly manifest: Step<readonly KubeObject[]>
}

interface Part {
  readonly name: string
  readonly title: string
  /** Loading images needs the manifests, whose steps are made here: only the finished plan asks. */
  readonly after: () => readonly Step<unknown>[]
  readonly belongs: (object: KubeObject) => boolean
  /** Nothing is applied before it. */
  readonly isFirst: boolean
}

/** Applies those objects that are not as they should be. The rest is left alone: git may have changed it since. */
function partStep({ component, options, manifest }: Install, part: Part): Step<{ readonly objects: number }> {
  const { name, title, after, belongs, isFirst } = part
  const { access, timeoutMs, adoption } = options
  const look = async (scope: Scope, of: (object: KubeObject) => boolean): Promise<Standing> => {
    const client = await options.client(scope.use(access))
    return standing(client, component, options, scope.use(manifest).filter(of), scope.signal)
  }
  let checked: Standing | undefined
  return defineStep<{ readonly objects: number }>({
    id: `${component.id}.${name}`,
    title,
    get after() {
      return [access, manifest, ...after()]
    },
    timeoutMs,
    async check(scope) {
      checked = await look(scope, belongs)
      return checked.unlike.length === 0 ? { objects: scope.use(manifest).filter(belongs).length } : undefined
    },
    async run(scope) {
      // Half a component would be left where only the other half can be had.
      if (isFirst) await look(scope, (object) => !belongs(object))
      const client = await options.client(scope.use(access))
      const objects = scope.use(manifest)
      const lookAgain = async (): Promise<Standing> => {
        const seen = checked ?? (await look(scope, belongs))
        checked = undefined
        return seen
      }
      const { unlike, changed } = await awaitGone(scope, client, component, options, lookAgain, objects)
      const generated = isFirst ? (component.generate?.() ?? []) : []
      await applyObjects(scope, client, { objects: unlike, changed, generated }, adoption?.fieldManager)
      return { objects: objects.filter(belongs).length }
    },
    describe: ({ objects }) => `${String(objects)} objects`,
  })
}
