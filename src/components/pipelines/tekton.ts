/** Tekton Pipelines without its resolvers and its events controller: runs pipelines. */
import type { KubeObject } from '../../domain/cluster.ts'
import { defineComponent } from '../../domain/component.ts'
import { PlayError } from '../../domain/errors.ts'
import { editPodTemplate, type ContainerFields } from '../install/transform.ts'

const version = '1.0.0'

/** Upstream publishes each program under its name and the digest of its import path, as its tool `ko` does. */
const published: Readonly<Record<string, string>> = {
  controller: 'controller-10a3e32792f33651396d02b6855a6e36',
  entrypoint: 'entrypoint-bff0a22da108bc2f16c818c97641a296',
  nop: 'nop-8eac7c133edad5df719dc37b36b62482',
  sidecarlogresults: 'sidecarlogresults-7501c6a20d741631510a448b48ab098f',
  webhook: 'webhook-d4749e605405422fd87700164e31b2d1',
  workingdirinit: 'workingdirinit-0c558922ec6a1b739e550e349f2d5fc1',
}

/** Runs beside steps only where Tekton is told to pass results by way of logs. */
const seldom = 'sidecarlogresults'

/** Runs in pods of steps with a script. Upstream names one by digest, which no archive can bear. */
const shell = 'docker.io/library/busybox:1.35'

export const tekton = defineComponent({
  id: 'tekton',
  title: 'Tekton Pipelines',
  summary: 'runs pipelines, in the words of Tekton',
  slot: 'pipelines',
  needs: [],
  byDefault: false,
  version,
  namespace: 'tekton-pipelines',
  manifest: { artifact: 'tekton' },
  images: Object.keys(published)
    .filter((program) => program !== seldom)
    .map(imageOf),
  alsoRuns: [imageOf(seldom)],
  // What the events controller may do, which is not there itself.
  selects: ({ metadata }) => !/^tekton-(?:pipelines-)?events-controller/.test(metadata.name),
  extraObjects: [],
  adjust: (object) => editPodTemplate(released(object), pinned),
})

/** The manifest as it is in the repository says `devel` where a release says its version. */
function released(object: KubeObject): KubeObject {
  const edit = (value: unknown): unknown => {
    if (value === 'devel') return `v${version}`
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map(edit)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, edit(inner)]))
  }
  return edit(object) as KubeObject
}

function pinned(container: ContainerFields): ContainerFields {
  const args = container['args'] as readonly string[] | undefined
  return {
    ...container,
    image: publishedImage(String(container['image'])),
    ...(args === undefined ? {} : { args: imageArguments(args) }),
  }
}

/** Throws BUG_UNEXPECTED for a program that is not known. */
function imageOf(program: string): string {
  const name = published[program]
  if (name === undefined)
    throw PlayError.of('BUG_UNEXPECTED', { reason: `the manifest of Tekton names the program ${program}` })
  return `ghcr.io/tektoncd/pipeline/${name}:v${version}`
}

/** `ko://…/cmd/NAME` as what upstream has published for it. */
function publishedImage(reference: string): string {
  const program = /^ko:\/\/github\.com\/tektoncd\/pipeline\/cmd\/(.+)$/.exec(reference)?.[1]
  return program === undefined ? reference : imageOf(program)
}

/** Flags with two dashes, as those of the other components that name images, so that they are loaded like those. */
function imageArguments(args: readonly string[]): string[] {
  return args.map((arg, index) => {
    if (/^-[a-z-]+-image$/.test(arg)) return arg === `-${seldom}-image` ? arg : `-${arg}`
    return args[index - 1] === '-shell-image' ? shell : publishedImage(arg)
  })
}
