/** The tree that the platform becomes in git, and the applications that keep it in line; pure. */
import { createHash } from 'node:crypto'
import type { KubeObject } from '../../domain/cluster.ts'
import { componentLabel, rootLabel, type Component } from '../../domain/component.ts'
import { PlayError } from '../../domain/errors.ts'
import type { PlatformRepository } from '../../domain/hand-over.ts'
import type { GitOps } from '../../domain/slots.ts'
import { clusterOrigin } from '../git/git-daemon.ts'
import type { Tree } from '../git/tree.ts'
import { stamp } from '../install/transform.ts'

/** A component with its objects exactly as they were applied. */
export interface Installed {
  readonly component: Component
  readonly objects: readonly KubeObject[]
}

/** Objects that hand the platform over. */
export interface Applications {
  /** One for each component, by its id. */
  readonly parts: readonly KubeObject[]
  /** The one that keeps those in line. */
  readonly root: KubeObject
}

/** Where the applications come from. */
export type Origin = Pick<PlatformRepository, 'url' | 'branch'>

/** Makes the applications of the components, labelled and stamped as all that play applies. `root` is the playground's id. */
export function applicationsOf(
  components: readonly Component[],
  gitOps: GitOps,
  root: string,
  { url, branch }: Origin = clusterOrigin,
): Applications {
  const list = components.map(({ id, slot, namespace }) => {
    // What the rest stands on comes first, and must not take its objects along when its application goes.
    const keep = slot === 'git' || slot === 'gitops'
    return { name: id, path: `platform/${id}`, wave: keep ? 0 : 1, namespace, keep }
  })
  const own = (object: KubeObject, labels: Readonly<Record<string, string>>): KubeObject =>
    stamp({ ...object, metadata: { ...object.metadata, labels: { ...labels, [rootLabel]: root } } })
  const top = gitOps.root(url, branch)
  const { name: id, namespace = '' } = top.metadata
  const adoption = components.find(({ slot }) => slot === 'gitops')?.adoption
  const parts = gitOps
    .applications(list, url, branch)
    .map((part) => adoption?.mark(part, { id, namespace }) ?? part)
  return {
    parts: parts.map((part) => own(part, { [componentLabel]: part.metadata.name })),
    root: own(top, {}),
  }
}

/** All files of the repository. The same input gives the same bytes. A Secret with content in it is a bug. */
export function treeOf(
  installed: readonly Installed[],
  applications: readonly KubeObject[],
  toYaml: (object: KubeObject) => string,
  branch = clusterOrigin.branch,
): Tree {
  const files: [string, string][] = [
    [readmePath, readme(branch)],
    ['demos/.gitkeep', ''],
    ...applications.map((object): [string, string] => [`apps/${object.metadata.name}.yaml`, toYaml(object)]),
    ...installed.flatMap(({ component, objects }) =>
      [...fileNames(objects)].map(([name, object]): [string, string] => [
        `platform/${component.id}/${name}`,
        toYaml(withoutSecrets(object)),
      ]),
    ),
  ]
  return new Map(files.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Whether a path of the repository belongs to one of these components. */
export function isPathOf(ids: readonly string[], path: string): boolean {
  return ids.some((id) => path === `apps/${id}.yaml` || path.startsWith(`platform/${id}/`))
}

/** Digests of what the files of `treeOf` are made from, by component and for the readme: far cheaper than making them. */
export function digestsOfInputs(
  installed: readonly Installed[],
  applications: readonly KubeObject[],
  branch = clusterOrigin.branch,
): Readonly<Record<string, string>> {
  const digest = (input: unknown): string => createHash('sha256').update(JSON.stringify(input)).digest('hex')
  const parts = installed.map(({ component: { id }, objects }) => {
    const application = applications.find(({ metadata }) => metadata.name === id)
    return [id, digest([application, objects])]
  })
  return Object.fromEntries([[readmePath, digest(readme(branch))], ...parts]) as Record<string, string>
}

/** `kind-name.yaml`; where two would have the same, all of these have their namespace in it, too. */
function fileNames(objects: readonly KubeObject[]): Map<string, KubeObject> {
  const counts = new Map<string, number>()
  for (const object of objects) counts.set(fileName(object), (counts.get(fileName(object)) ?? 0) + 1)
  const named = new Map<string, KubeObject>()
  for (const object of objects) {
    const name = counts.get(fileName(object)) === 1 ? fileName(object) : fileName(object, true)
    if (named.has(name)) throw PlayError.of('BUG_UNEXPECTED', { reason: `two objects are called ${name}` })
    named.set(name, object)
  }
  return named
}

/** Characters that some file systems refuse, such as the colons of roles, become dashes. */
function fileName({ kind, metadata: { name, namespace } }: KubeObject, withNamespace = false): string {
  const parts = [kind, ...(withNamespace && namespace !== undefined ? [namespace] : []), name]
  return `${parts
    .join('-')
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]/g, '-')}.yaml`
}

function withoutSecrets(object: KubeObject): KubeObject {
  if (object.kind === 'Secret' && (object['data'] !== undefined || object['stringData'] !== undefined))
    throw PlayError.of('BUG_UNEXPECTED', {
      reason: `the secret ${object.metadata.name} would have become readable in git`,
    })
  return object
}

/** The file for whoever opens the repository. */
export const readmePath = 'README.md'

const readme = (branch: string): string => `# playground

The platform of this playground, as it runs. The cluster keeps itself in line with branch \`${branch}\` of this repository:
what is changed here changes there, and what is changed there by hand is put back.

- \`apps/\`: one application for each component; it says which folder the component comes from
- \`platform/\`: the objects of each component, one in each file
- \`demos/\`: what demos add

To change something:

    play git clone
    # edit a file, then
    git commit --all --message 'What I changed'
    play git push

To take it back: \`git revert HEAD\`, then \`play git push\`.

\`play up\` writes here again only when it wants something else than before, and then only the files that are different
for it. All other changes stay yours.
`
