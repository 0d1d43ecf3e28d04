/** The demos that play ships: what their descriptions name is there, and fits what else play ships. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import manifest from '../../../package.json' with { type: 'json' }
import { createDemoFolders } from '../../../src/adapters/demo-folders.ts'
import type { DemoDefinition, DemoFile } from '../../../src/domain/demo-definition.ts'
import type { KubeObject } from '../../../src/domain/cluster.ts'

const root = new URL('../../../assets/demos/', import.meta.url)

const packageRoot = fileURLToPath(new URL('../../../', import.meta.url))
const folders = createDemoFolders({ packageRoot, cwd: packageRoot })

function read(path: string): string {
  return readFileSync(new URL(path, root), 'utf8')
}

function objects(path: string): KubeObject[] {
  return parseAllDocuments(read(path)).map((document) => document.toJS() as KubeObject)
}

function files(folder: string): string[] {
  return readdirSync(new URL(folder, root), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => `${parentPath}/${name}`.slice(new URL(folder, root).pathname.length + 1))
    .toSorted()
}

function demo(id: string): DemoDefinition {
  return parse(read(`${id}/demo.yaml`)) as DemoDefinition
}

function named(file: DemoFile): readonly string[] {
  return typeof file === 'string' ? [file] : Object.values(file)
}

describe.each(folders.shipped)('%s', (id) => {
  const { steps, options } = demo(id)

  test("passes what a person's own has to pass, and points editors to the schema", async () => {
    const { definition } = await folders.openOwn(`assets/demos/${id}`)
    expect(definition.steps.map((step) => step.id)).toEqual(steps.map((step) => step.id))
    expect(read(`${id}/demo.yaml`).split('\n')[0]).toBe(
      '# yaml-language-server: $schema=../../schemas/demo.schema.json',
    )
  })

  test('names only files and folders that are there', () => {
    const paths = steps.flatMap((step) => {
      if ('apply' in step) return step.apply.files.flatMap(named)
      if ('workflow' in step) return named(step.workflow.file)
      return 'push' in step ? [step.push.folder] : []
    })
    expect(paths.filter((path) => !existsSync(new URL(`${id}/${path}`, root)))).toEqual([])
  })

  test('replaces text that each variant of the file has exactly once', () => {
    const replacements = steps.flatMap((step) =>
      'push' in step
        ? (step.push.replace ?? []).map((one) => ({ ...one, path: `${step.push.folder}/${one.file}` }))
        : [],
    )
    for (const { path, file, from } of replacements) {
      const overlays = (options['break']?.choices ?? []).map((choice) => `break/${choice}/${file}`)
      const variants = [path, ...overlays].filter((each) => existsSync(new URL(`${id}/${each}`, root)))
      for (const each of variants) expect(read(`${id}/${each}`).split(from)).toHaveLength(2)
    }
  })
})

test.each(['argo-workflows', 'tekton'])(
  'hello gives the parameters that its %s pipeline declares',
  (dialect) => {
    const [run] = objects(`hello/${dialect}/pipeline.yaml`) as unknown as [Pipeline]
    const declared = run.spec.arguments?.parameters ?? run.spec.params ?? []
    const given = demo('hello').steps.flatMap((step) =>
      'workflow' in step ? Object.keys(step.workflow.parameters ?? {}) : [],
    )
    expect(declared.map(({ name }) => name).toSorted()).toEqual(given.toSorted())
  },
)

interface Pipeline {
  readonly spec: {
    readonly arguments?: { readonly parameters: readonly { readonly name: string }[] }
    readonly params?: readonly { readonly name: string }[]
  }
}

test('gitops changes by hand nothing but the number of replicas', () => {
  const [drift] = objects('gitops/drift.yaml')
  const [deployment] = objects('gitops/nginx/deployment.yaml')
  expect(drift).toEqual({
    apiVersion: deployment?.apiVersion,
    kind: deployment?.kind,
    metadata: deployment?.metadata,
    spec: { replicas: 1 },
  })
})

interface Container {
  readonly name: string
  readonly image: string
  readonly imagePullPolicy: string
  readonly command: readonly string[]
  readonly args: readonly [string]
}

interface Template {
  readonly metadata: { readonly namespace: string }
  readonly spec: {
    readonly arguments: { readonly parameters: readonly { readonly name: string; readonly value: string }[] }
    readonly templates: readonly {
      readonly name: string
      readonly containerSet?: { readonly containers: readonly Container[] }
      readonly outputs?: { readonly parameters: readonly { readonly name: string }[] }
    }[]
  }
}

describe('ci', () => {
  const template = objects('ci/delivery/live/pipeline.yaml').find(
    ({ kind }) => kind === 'WorkflowTemplate',
  ) as unknown as Template
  const containers = template.spec.templates.flatMap(({ containerSet }) => containerSet?.containers ?? [])
  const nodeImage = `docker.io/library/node:${manifest.devDependencies.node}-slim`

  test('gives the pipeline parameters that it declares, and takes answers that it has', () => {
    const [run] = objects('ci/run.yaml') as unknown as [Pipeline]
    const declared = template.spec.arguments.parameters.map(({ name }) => name)
    const given = demo('ci').steps.flatMap((step) =>
      'workflow' in step ? Object.keys(step.workflow.parameters ?? {}) : [],
    )
    expect(given.toSorted()).toEqual(declared.toSorted())
    expect(declared).toEqual(
      expect.arrayContaining(run.spec.arguments?.parameters.map(({ name }) => name) ?? []),
    )
    const answers = template.spec.templates.find(({ name }) => name === 'ci')?.outputs?.parameters ?? []
    const taken = [...read('ci/demo.yaml').matchAll(/\$\{steps\.pipeline\.(\w+)\}/g)].map(([, name]) => name)
    expect([...answers.map(({ name }) => name), 'name']).toEqual(expect.arrayContaining(taken))
  })

  test('runs in pods whose images are on the node, and whose commands need no look at a registry', () => {
    const { images } = JSON.parse(read('../versions.json')) as {
      images: { name: string; reference: string }[]
    }
    const builder = read('../components/builder/buildkit.yaml')
    for (const { image, imagePullPolicy, command } of containers) {
      expect(imagePullPolicy).toBe('IfNotPresent')
      expect(command).toEqual(['sh', '-euc'])
      const isKnown =
        image === '{{inputs.parameters.image}}' ||
        image === nodeImage ||
        builder.includes(`image: ${image}\n`) ||
        images.some(({ reference }) => reference === image)
      expect([image, isKnown]).toEqual([image, true])
    }
  })

  test('builds on the same Node by copying files that are there', () => {
    const dockerfile = read('ci/source/Dockerfile')
    const copied = [...dockerfile.matchAll(/^COPY --link (.+) \S+$/gm)].flatMap(([, paths = '']) =>
      paths.split(' '),
    )
    expect(dockerfile).toContain(`\nFROM ${nodeImage}\n`)
    expect(dockerfile).not.toMatch(/^(RUN|WORKDIR|ADD)\b/m)
    expect(copied).toContain('src')
    expect(copied.filter((path) => !existsSync(new URL(`ci/source/${path}`, root)))).toEqual([])
    expect(read('ci/break/build/Dockerfile')).toContain('package-lock.json')
    expect(existsSync(new URL('ci/source/package-lock.json', root))).toBe(false)
  })

  test('breaks only files that the next run mends', () => {
    const choices = demo('ci').options['break']?.choices ?? []
    const broken = choices.map((choice) => files(`ci/break/${choice}`))
    expect(broken).toEqual([['src/greeting.ts'], ['Dockerfile'], ['deploy/deployment.yaml']])
    expect(files('ci/source')).toEqual(expect.arrayContaining(broken.flat()))
  })

  test('deploys where it promised to, once the image and the commit are in the manifests', () => {
    const manifests = ['ci/source/deploy/deployment.yaml', 'ci/break/deploy/deploy/deployment.yaml']
    for (const path of manifests) {
      expect(read(path).match(/\bIMAGE\b/g)).toHaveLength(1)
      expect(read(path).match(/"COMMIT_ID"/g)).toHaveLength(2)
    }
    const deployed = [...manifests, 'ci/source/deploy/service.yaml'].flatMap(objects)
    for (const { metadata } of deployed) expect(metadata).toMatchObject({ name: 'web', namespace: 'demo-ci' })
  })
})
