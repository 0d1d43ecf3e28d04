/** What a demo must fulfil beyond its schema and without a look at its files: ids, order, references. */
import type { DemoDefinition, DemoStep } from '../domain/demo-definition.ts'
import { referencesOf, type DemoReference } from '../domain/demo-references.ts'
import { actionOf, type WrittenDemo } from './demo-description.ts'
import { didYouMean, type Mistake, type Path } from './demo-mistake.ts'

/** What is wrong with ids, order and references; `written` is what the definition was made of. */
export function mistakesOfRules(written: WrittenDemo, definition: DemoDefinition): readonly Mistake[] {
  const { steps, message, outputs, next } = definition
  const ancestors = ancestorsOf(steps)
  const everything: Known = { definition, earlier: steps, before: steps }
  const ends = textsOf({ message, outputs, next })
  return [
    ...mistakesOfIds(written),
    ...steps.flatMap((step, index) => mistakesOfAfter(step, index, steps)),
    ...steps.flatMap((step, index) => {
      const earlier = steps.slice(0, index)
      const before = earlier.filter(({ id }) => ancestors.get(step.id)?.has(id) === true)
      return mistakesInStep(step, index, { definition, earlier, before })
    }),
    ...ends.flatMap((text) => mistakesInText(text, (one) => unknownReference(one, everything))),
  ]
}

function mistakesOfIds({ steps }: WrittenDemo): Mistake[] {
  return steps.flatMap(({ id }, index): Mistake[] => {
    if (id === undefined || steps.findIndex((step) => step.id === id) === index) return []
    return [
      { path: ['steps', index, 'id'], at: 'value', reason: `there is another step "${id}" before this one` },
    ]
  })
}

function mistakesOfAfter({ after = [] }: DemoStep, index: number, steps: readonly DemoStep[]): Mistake[] {
  const earlier = steps.slice(0, index).map(({ id }) => id)
  return after.flatMap((id, item): Mistake[] => {
    if (earlier.includes(id)) return []
    const isLater = steps.some((step) => step.id === id)
    const reason = isLater
      ? `"${id}" is not an earlier step`
      : `there is no step "${id}"${didYouMean(id, earlier)}`
    return [{ path: ['steps', index, 'after', item], at: 'value', reason }]
  })
}

/** Of each step, the ids of those that have ended when it starts. */
function ancestorsOf(steps: readonly DemoStep[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, ReadonlySet<string>>()
  for (const [index, { id, after }] of steps.entries()) {
    const parents = after ?? steps.slice(Math.max(index - 1, 0), index).map((step) => step.id)
    found.set(id, new Set(parents.flatMap((parent) => [parent, ...(found.get(parent) ?? [])])))
  }
  return found
}

interface Known {
  readonly definition: DemoDefinition
  /** Steps that are written before. */
  readonly earlier: readonly DemoStep[]
  /** Those of them that have ended. */
  readonly before: readonly DemoStep[]
}

interface Text {
  readonly path: Path
  readonly text: string
}

/** All texts in a value. */
function textsOf(value: unknown, path: Path = []): Text[] {
  if (typeof value === 'string') return [{ path, text: value }]
  if (Array.isArray(value)) return value.flatMap((item, index) => textsOf(item, [...path, index]))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) => textsOf(item, [...path, key]))
}

/** Fields of steps in which references are put in, below the step; `*` is any name. Others must be known before a run. */
const open = [
  ...['push.message', 'push.overlay', 'push.replace.*.to', 'workflow.parameters.*', 'wait.revision'],
  ...['wait.equals', 'http.path', 'http.contains', 'exec.command.*'],
]

/** Fields that hold texts of other files, as they are. */
const literal = ['push.replace.*.from']

function isOf(fields: readonly string[], path: Path): boolean {
  return fields.some((field) => {
    const parts = field.split('.')
    return parts.length === path.length && parts.every((part, index) => part === '*' || part === path[index])
  })
}

function mistakesInStep(step: DemoStep, index: number, known: Known): Mistake[] {
  const { title } = step
  const action = actionOf(step)
  const texts = textsOf({ title, [action]: (step as unknown as Record<string, unknown>)[action] })
  return texts.flatMap(({ path, text }) => {
    if (isOf(literal, path)) return []
    const at = { path: ['steps', index, ...path], text }
    if (isOf(open, path)) return mistakesInText(at, (one) => unknownReference(one, known))
    if (path[0] === 'title') return mistakesInText(at, (one) => unknownInTitle(one, known))
    const field = String(path.findLast((part) => typeof part === 'string'))
    return mistakesInText(at, () => `${field} takes no references: it must be known before anything runs`)
  })
}

function mistakesInText({ path, text }: Text, judge: (expression: string) => string | undefined): Mistake[] {
  return referencesOf(text).flatMap((reference) => {
    const reason = reference.isClosed
      ? judge(reference.expression)
      : 'this ${ has no } after it; $${ stands for ${ itself'
    return reason === undefined ? [] : [{ path, at: 'value', text: placeIn(text, reference), reason }]
  })
}

/** How to find a reference where the text is written. */
function placeIn(text: string, { expression, offset }: DemoReference): { wanted: string; after: number } {
  const wanted = `\${${expression.split('\n')[0] ?? ''}`
  return { wanted, after: text.slice(0, offset).split(wanted).length - 1 }
}

function unknownInTitle(expression: string, known: Known): string | undefined {
  if (expression === 'run.id' || expression.startsWith('options.')) return unknownReference(expression, known)
  return `a title is shown before anything has run: it can refer to options and \${run.id}, not to \${${expression}}`
}

/** Why there is no such reference; undefined when there is. */
function unknownReference(expression: string, known: Known): string | undefined {
  const { definition } = known
  if (expression === 'registry' || expression === 'run.id') return undefined
  const [, kind = '', name = ''] = /^(options|steps|git\.read|git\.push)\.(.+)$/s.exec(expression) ?? []
  if (kind === 'options') return unlessKnown('option', name, Object.keys(definition.options))
  if (kind.startsWith('git.')) return unlessKnown('push to a repository', name, repositoriesOf(definition))
  if (kind === 'steps') return unknownOutput(name, known)
  const all = 'options.NAME, steps.ID.OUTPUT, run.id, git.read.NAME, git.push.NAME, registry'
  return `there is no \${${expression}}: a reference is one of ${all}; $\${ stands for \${ itself`
}

function unlessKnown(what: string, name: string, known: readonly string[]): string | undefined {
  return known.includes(name) ? undefined : `there is no ${what} "${name}"${didYouMean(name, known)}`
}

function repositoriesOf({ steps }: DemoDefinition): string[] {
  return steps.flatMap((step) => ('push' in step ? [step.push.repository] : []))
}

function unknownOutput(name: string, { definition, earlier, before }: Known): string | undefined {
  const dot = name.indexOf('.')
  const [id, output] = dot < 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot + 1)]
  const step = definition.steps.find((one) => one.id === id)
  const names = earlier.map((one) => one.id)
  if (step === undefined) return unlessKnown('step', id, names)
  if (!earlier.includes(step)) return `"${id}" is not an earlier step`
  if (!before.includes(step)) return `step "${id}" may not have ended before this one: name it in after`
  return hasOutput(step, output) ? undefined : `step "${id}" has no output "${output}"; ${offer(step)}`
}

function hasOutput(step: DemoStep, output: string): boolean {
  const action = actionOf(step)
  return outputs[action].includes(output) || (action === 'workflow' && /^[\w.-]+$/.test(output))
}

function offer(step: DemoStep): string {
  const known = outputs[actionOf(step)]
  return known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`
}

/** What steps answer, by action; a pipeline has outputs of its own as well. */
const outputs: Readonly<Record<ReturnType<typeof actionOf>, readonly string[]>> = {
  apply: [],
  push: ['commit'],
  workflow: ['name', 'log'],
  wait: [],
  http: ['body'],
  exec: ['stdout'],
}
