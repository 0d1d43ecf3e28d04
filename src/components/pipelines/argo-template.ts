/** What an Argo Workflow foresees: its templates, as the steps that will come of them (workflow_types.go of v4.0.7); pure. */

/** A container of a set: all of them start at once, and the executor in each waits for what it depends on. */
export interface Container {
  readonly name: string
  readonly dependencies?: readonly string[]
}

interface TemplateRef {
  readonly name?: string
  readonly template?: string
}

interface Task {
  readonly name: string
  readonly template?: string
  readonly templateRef?: TemplateRef
  readonly dependencies?: readonly string[]
  /** An expression such as `a && (b.Failed || c)`. */
  readonly depends?: string
}

interface Template {
  readonly name: string
  readonly dag?: { readonly tasks: readonly Task[] }
  readonly steps?: readonly (readonly Task[])[]
  readonly containerSet?: { readonly containers: readonly Container[] }
}

/** The part of a specification that is about steps. */
export interface Spec {
  readonly entrypoint?: string
  readonly templates?: readonly Template[]
}

/** Templates from elsewhere, by `SCOPE/OBJECT/TEMPLATE`. */
export type StoredTemplates = Readonly<Record<string, Template>>

/** Whoever uses a template: a node by the first field, a task by the second. */
interface User {
  readonly templateName?: string
  readonly template?: string
  readonly templateRef?: TemplateRef
}

/** The containers of a pod that is made from a template; a pod that is no set has the one that Argo calls so. */
export function containersOf(
  { templateName, template = templateName, templateRef }: User,
  { templates = [] }: Spec,
  stored: StoredTemplates,
): readonly Container[] {
  const key = templateRef === undefined ? [template] : [templateRef.name, templateRef.template]
  const wanted = key.join('/')
  const elsewhere = Object.entries(stored).find(([name]) => name.endsWith(`/${wanted}`))?.[1]
  const found = templates.find(({ name }) => name === wanted) ?? elsewhere
  return found?.containerSet?.containers ?? [{ name: 'main' }]
}

/** Name of the step that a container is: `main` stands for its whole group, which at the top has no name to put in front. */
export function containerStep(group: string, container: string, workflow: string): string {
  if (container === 'main') return group
  return group === workflow ? container : `${group}.${container}`
}

/** A step that is foreseen, with the containers of its pod. */
export interface Planned {
  readonly path: string
  /** Paths of those that it waits for. */
  readonly after: readonly string[]
  readonly containers: readonly Container[]
}

/** What the specification foresees: nodes come into being only when it is their turn. Nothing where it is not known yet. */
export function plan(spec: Spec, stored: StoredTemplates, workflow: string): Planned[] {
  const { entrypoint, templates = [] } = spec
  const template = templates.find(({ name }) => name === entrypoint)
  if (template === undefined) return []
  const { dag, steps: groups } = template
  if (dag !== undefined) {
    const isTask = (word: string): boolean => dag.tasks.some(({ name }) => name === word)
    return dag.tasks.map((task) => ({
      path: task.name,
      after: task.dependencies ?? [...new Set((task.depends ?? '').split(/[^\w-]+/))].filter(isTask),
      containers: containersOf(task, spec, stored),
    }))
  }
  if (groups === undefined)
    return [
      { path: workflow, after: [], containers: containersOf({ template: template.name }, spec, stored) },
    ]
  return groups.flatMap((group, index) =>
    group.map((step) => ({
      path: step.name,
      after: groups[index - 1]?.map(({ name }) => name) ?? [],
      containers: containersOf(step, spec, stored),
    })),
  )
}
