/** What the script by hand applies and loads: the components that `play up` installs with the bundle in use. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readManifest } from '../src/components/install/component-objects.ts'
import { argoApplications } from '../src/components/gitops/argo-applications.ts'
import { argoCd } from '../src/components/gitops/argo-cd.ts'
import { applicationsOf } from '../src/components/hand-over/hand-over.ts'
import { componentRegistry } from '../src/components/index.ts'
import { editPodTemplate, place } from '../src/components/install/transform.ts'
import type { KubeObject } from '../src/domain/cluster.ts'
import type { Component } from '../src/domain/component.ts'
import type { Artifacts, Ports } from '../src/domain/ports.ts'
import { imagesOf } from '../src/sources/kind/images.ts'

/** A component as files for kubectl and kind. */
export interface HandManifest {
  /** Where its workloads are. */
  readonly namespace: string
  readonly namespaceFile: string
  readonly file: string
  /** Archives of images that its pods run and that the node image lacks. */
  readonly archives: readonly string[]
  /** Archives of what its controller has pods run later. */
  readonly laterArchives: readonly string[]
}

/** The whole platform as files. */
export interface HandPlatform {
  readonly manifests: readonly HandManifest[]
  /** What play adds to upstream, and Argo CD's applications: applied when the rest runs. */
  readonly applicationsFile: string
  /** Folder whose content is pushed. */
  readonly repository: string
}

/** Writes the platform below `folder` as kubectl and git take it; not part of the time that is measured. */
export async function writePlatform(
  folder: string,
  ports: Pick<Ports, 'artifacts' | 'assets'>,
  signal: AbortSignal,
): Promise<HandPlatform> {
  const artifacts = await ports.artifacts()
  const repository = join(folder, 'repository')
  // As src/workflows/up.ts chooses them.
  const components = componentRegistry.all.filter(
    ({ byDefault, images = [] }) => byDefault && images.every((image) => artifacts.canHaveImage(image)),
  )
  const manifests = await Promise.all(
    components.map(async (component) => {
      const read = await readManifest(component.manifest, ports, signal)
      const upstream = read.filter((object) => component.selects?.(object) ?? true)
      const written = await writeComponent(folder, repository, component, upstream)
      return { ...written, ...(await archivesOf(component, upstream, artifacts, signal)) }
    }),
  )
  const applicationsFile = await writeApplications(folder, repository, components)
  return { manifests, applicationsFile, repository }
}

async function writeComponent(
  folder: string,
  repository: string,
  component: Component,
  upstream: readonly KubeObject[],
): Promise<Pick<HandManifest, 'namespace' | 'namespaceFile' | 'file'>> {
  const { id, namespace } = component
  // What any such script needs, and nothing of what play does to be faster; manifests of play's own leave their image
  // to their component.
  const isOurs = 'asset' in component.manifest
  const objects = upstream
    .map((object) => (isOurs ? component.adjust(object) : object))
    .map((object) =>
      editPodTemplate(place(object, namespace), (container) => ({
        ...container,
        imagePullPolicy: 'IfNotPresent',
      })),
    )
  const home = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }
  await writeFolder(join(repository, 'platform', id), [home, ...objects, ...extrasOf(component)])
  return {
    namespace,
    namespaceFile: await writeList(join(folder, `${id}-namespace.json`), [home]),
    file: await writeList(join(folder, `${id}-objects.json`), objects),
  }
}

/** Archives of the images that `up` would load as well. */
async function archivesOf(
  component: Component,
  upstream: readonly KubeObject[],
  artifacts: Artifacts,
  signal: AbortSignal,
): Promise<Pick<HandManifest, 'archives' | 'laterArchives'>> {
  const find = async (references: readonly string[]): Promise<readonly string[]> => {
    const found = await Promise.all(
      [...new Set(references)].map((reference) => artifacts.image(reference, signal)),
    )
    return found.filter((archive) => archive !== undefined)
  }
  const { alsoRuns = [] } = component
  return {
    // Upstream shortens references, or leaves their versions open; the bundle knows those of the component.
    archives: await find(imagesOf(upstream.map((object) => component.adjust(object)))),
    laterArchives: await find(alsoRuns.filter((image) => artifacts.canHaveImage(image))),
  }
}

async function writeApplications(
  folder: string,
  repository: string,
  components: readonly Component[],
): Promise<string> {
  const { parts, root } = applicationsOf(components, argoApplications, 'by-hand')
  await writeFolder(join(repository, 'apps'), parts)
  const isNamespace = ({ kind }: KubeObject): boolean => kind === 'Namespace'
  const extras = components.flatMap(extrasOf)
  // Argo CD's upstream manifest makes its secret itself, by an init container.
  const secrets = components
    .filter(({ id }) => id !== argoCd.id)
    .flatMap((component) => component.generate?.() ?? [])
  // kubectl looks for the kinds of a whole file first, so that projects cannot stand beside their definition.
  return writeList(join(folder, 'applications.json'), [
    ...extras.filter(isNamespace),
    ...extras.filter((object) => !isNamespace(object)),
    ...secrets,
    ...parts,
    root,
  ])
}

function extrasOf({ extraObjects, namespace }: Component): readonly KubeObject[] {
  return extraObjects.map((object) => place(object, namespace))
}

async function writeList(path: string, items: readonly KubeObject[]): Promise<string> {
  await writeFile(path, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }), { mode: 0o600 })
  return path
}

async function writeFolder(folder: string, objects: readonly KubeObject[]): Promise<void> {
  await mkdir(folder, { recursive: true })
  const files = new Map(objects.map((object) => [fileName(object), object]))
  await Promise.all([...files].map(([name, object]) => writeFile(join(folder, name), JSON.stringify(object))))
}

/** With the namespace: two of a component's namespaces can have the same name in them. */
function fileName({ kind, metadata: { name, namespace } }: KubeObject): string {
  const parts = [kind, ...(namespace === undefined ? [] : [namespace]), name]
  return `${parts.join('_').replaceAll(':', '-')}.json`
}
