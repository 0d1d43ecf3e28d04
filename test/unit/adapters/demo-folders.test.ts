/** Demos as they are opened: what may be left out, and the schema that editors and play share. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { mistakesOfShape } from '../../../src/adapters/demo-schema.ts'
import type {
  ApplyAction,
  DemoDefinition,
  DemoOption,
  DemoStep,
  ExecAction,
  HttpAction,
  PushAction,
  WaitAction,
  WorkflowAction,
} from '../../../src/domain/demo-definition.ts'
import { demoWorld, errorOf, packageRoot, workflow } from './demo-world.ts'

const push = '{title: P, push: {repository: app, folder: src}}'
const run = '{title: R, workflow: {file: run.yaml}}'
const files = { 'mine/run.yaml': workflow, 'mine/src/a.txt': 'hello' }

async function definitionOf(text: string): Promise<DemoDefinition> {
  const { demos } = await demoWorld({ ...files, 'mine/demo.yaml': text })
  return (await demos.openOwn('mine')).definition
}

describe('a demo of which little is written', () => {
  it('has the rest by default', async () => {
    expect(await definitionOf(`title: Mine\nsteps: [${run}]\n`)).toEqual({
      ...{ id: 'mine', title: 'Mine', summary: 'Mine', takes: '', needs: ['pipelines'], options: {} },
      steps: [{ id: 'workflow', title: 'R', workflow: { file: 'run.yaml' } }],
      ...{ message: 'Mine', outputs: {}, next: [] },
    })
  })

  it('calls steps like their actions, and numbers those whose name is taken', async () => {
    const text = `title: T\nsteps: [${push}, ${push}, ${run}, {id: push, ${push.slice(1)}, ${push}]\n`
    const { steps } = await definitionOf(text)
    expect(steps.map(({ id }) => id)).toEqual(['push-2', 'push-3', 'workflow', 'push', 'push-4'])
  })

  it.each([
    [run, '', ['pipelines']],
    [push, '', ['git']],
    [
      '{title: P, push: {repository: a, folder: src, application: {name: a, namespace: a}}}',
      '',
      ['git', 'gitops'],
    ],
    ['{title: W, wait: {application: a}}', 'needs: [ui]', ['ui', 'gitops']],
    ['{title: A, apply: {files: [run.yaml]}}', '', []],
    ['{title: A, apply: {files: [{tekton: run.yaml}]}}', '', ['pipelines']],
    ['{title: A, apply: {files: [run.yaml]}}', 'message: ${registry}', ['registry']],
  ])('needs the slots that it uses: %s', async (step, head, needs) => {
    expect((await definitionOf(`title: T\nsteps: [${step}]\n${head}\n`)).needs).toEqual(needs)
  })

  it('may hold anchors and every action', async () => {
    const text = `title: T
options: {break: {summary: s, default: '', choices: [test]}}
steps:
  - {title: 'P \${options.break}', push: {repository: app, folder: src, overlay: 'x/\${options.break}', replace: [{file: a.txt, from: '\${no}', to: '\${run.id}'}]}}
  - {title: R, id: build, workflow: &file {file: run.yaml}}
  - {title: S, after: [push], workflow: *file}
  - {title: E, after: [build, workflow], exec: {namespace: n, selector: a=b, command: ['$\${HOME}', '\${steps.build.digest}', '\${steps.push.commit}']}}
  - {title: H, http: {namespace: n, selector: 'a=b,c=d', port: 80, path: '/\${run.id}', contains: '\${steps.exec.stdout}'}}
  - {title: W, wait: {object: {apiVersion: v1, kind: Pod, name: a}, field: status.phase, equals: '\${options.break}'}}
message: '\${steps.http.body} \${registry}'
outputs: {log: '\${steps.build.log}'}
next: ['git clone \${git.read.app} \${git.push.app}']
`
    expect((await definitionOf(text)).steps.map(({ id }) => id)).toEqual([
      'push',
      'build',
      'workflow',
      'exec',
      'http',
      'wait',
    ])
  })
})

describe('a demo that play ships', () => {
  const ids = ['hello', 'gitops', 'ci']

  it('is shown in this order', async () => {
    const { demos } = await demoWorld()
    expect(demos.shipped).toEqual(ids)
  })

  it('is unknown by another name, and the nearest is told', async () => {
    const { demos } = await demoWorld()
    const error = await errorOf(demos.open('helo'))
    expect(error).toMatchObject({
      id: 'USAGE_UNKNOWN_DEMO',
      suggestions: ['Did you mean hello?', 'play demo list'],
    })
    expect(await errorOf(demos.copy('../hello', 'mine'))).toMatchObject({ id: 'USAGE_UNKNOWN_DEMO' })
  })

  // Opening one of these checks nothing, so that it is fast: here it is checked.
  it.each(ids)('has no mistake: %s', async (id) => {
    const { demos } = await demoWorld()
    const own = await demos.openOwn(join(packageRoot, 'assets/demos', id))
    expect((await demos.open(id)).definition).toEqual(own.definition)
  })

  it.each(ids)('shows editors where the schema is: %s', async (id) => {
    const text = await readFile(join(packageRoot, 'assets/demos', id, 'demo.yaml'), 'utf8')
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=../../schemas/demo.schema.json')
  })
})

type Fields<Type> = { readonly [Field in keyof Required<Type>]: true }
type UnionFields<Type> = { readonly [Field in Type extends unknown ? keyof Type : never]: true }

/** All fields of the types: the compiler refuses one too few or too many. */
const wanted = {
  step: {
    ...{ apply: true, push: true, workflow: true, wait: true, http: true, exec: true },
    ...({ id: true, title: true, after: true } satisfies Fields<Pick<DemoStep, 'id' | 'title' | 'after'>>),
  } satisfies UnionFields<DemoStep>,
  option: { summary: true, default: true, choices: true } satisfies Fields<DemoOption>,
  apply: { files: true } satisfies Fields<ApplyAction['apply']>,
  push: {
    ...{ repository: true, folder: true, overlay: true, replace: true, message: true, application: true },
  } satisfies Fields<PushAction['push']>,
  workflow: { file: true, parameters: true } satisfies Fields<WorkflowAction['workflow']>,
  wait: {
    ...{ application: true, revision: true, revert: true, object: true, field: true, equals: true },
  } satisfies UnionFields<WaitAction['wait']>,
  http: {
    ...{ namespace: true, selector: true, port: true, path: true, status: true, contains: true },
  } satisfies Fields<HttpAction['http']>,
  exec: { namespace: true, selector: true, container: true, command: true } satisfies Fields<
    ExecAction['exec']
  >,
}
const wantedOfDemo = {
  ...{ title: true, summary: true, takes: true, needs: true, options: true, steps: true },
  ...{ message: true, outputs: true, next: true },
} satisfies Fields<Omit<DemoDefinition, 'id'>>

interface Schema {
  readonly title?: string
  readonly description?: string
  readonly type?: string
  readonly $ref?: string
  readonly examples?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly $defs?: Readonly<Record<string, Schema>>
}

describe('the schema of demos', async () => {
  const text = await readFile(join(packageRoot, 'assets/schemas/demo.schema.json'), 'utf8')
  const schema = JSON.parse(text) as Schema
  const definitions = schema.$defs ?? {}

  it('is a schema', () => {
    const ajv = new Ajv2020({ strict: false })
    expect(ajv.validateSchema(schema)).toBe(true)
  })

  it('has the fields that the types have', () => {
    const fieldsOf = ({ properties = {} }: Schema = {}): string[] => Object.keys(properties).sort()
    expect(fieldsOf(schema)).toEqual(Object.keys(wantedOfDemo).sort())
    for (const [name, fields] of Object.entries(wanted))
      expect([name, ...fieldsOf(definitions[name])]).toEqual([name, ...Object.keys(fields).sort()])
  })

  it('tells editors what each field is', () => {
    const silent = Object.entries({ ...definitions, demo: schema }).flatMap(([owner, { properties = {} }]) =>
      Object.entries(properties).flatMap(([field, { description, $ref }]) => {
        const there = description ?? definitions[$ref?.split('/').at(-1) ?? '']?.description
        return there === undefined ? [`${owner}.${field}`] : []
      }),
    )
    expect(silent).toEqual([])
  })

  it('has examples that it allows', () => {
    const ajv = new Ajv2020({ strict: false })
    ajv.addSchema(schema, 'demo')
    const all = [
      ['', schema] as const,
      ...Object.entries(definitions).map(([name, one]) => [`/$defs/${name}`, one] as const),
    ]
    const wrong = all.flatMap(([pointer, { examples = [], properties = {} }]) => {
      const ofFields = Object.entries(properties).flatMap(([field, one]) =>
        (one.examples ?? []).map((example) => [`${pointer}/properties/${field}`, example] as const),
      )
      const own = examples.map((example) => [pointer, example] as const)
      return [...own, ...ofFields].filter(([at, example]) => !ajv.validate({ $ref: `demo#${at}` }, example))
    })
    expect(wrong).toEqual([])
  })

  it('allows the examples of the document', async () => {
    const document = await readFile(join(packageRoot, 'docs/demos.md'), 'utf8')
    const examples = [...document.matchAll(/```yaml\n(.*?)```/gs)].map(
      ([, example = '']) => parse(example) as unknown,
    )
    const demos = examples.map((one) => (Array.isArray(one) ? { title: 'T', steps: one as unknown[] } : one))
    expect(demos.length).toBeGreaterThan(7)
    expect(demos.flatMap((demo) => mistakesOfShape(schema, demo))).toEqual([])
  })
})
