// Tekton Pipelines in the full bundle: its manifest, and the images of the controller, the webhook and what runs in pods.
import { createHash } from 'node:crypto'
import type { ComponentImage, LayerContent } from './base-layers.ts'
import { GO_PROGRAMS, VERSIONS } from './go-modules.ts'
import { placeFile, placeSurroundings } from './layer-contents.ts'
import type { ManifestPlan } from './module-file-recipes.ts'
import { TEKTON } from './pins.ts'

/** The manifest; its images are paths of Go packages after `ko://`, for whoever applies it to replace. */
export const TEKTON_PLAN: ManifestPlan = {
  name: 'tekton',
  version: VERSIONS.tekton,
  description:
    `Files of Tekton Pipelines ${VERSIONS.tekton}'s config folder as JSON, unchanged, with ko:// paths for images: ` +
    'definitions, controller and webhook, without namespace, resolvers and events controller',
  files: TEKTON,
  adapt: (objects) => objects,
}

/** The name that upstream's builder ko gives to an image: the program, and the MD5 of its package's path. */
function reference(program: string): string {
  const hash = createHash('md5').update(`github.com/tektoncd/pipeline/cmd/${program}`).digest('hex')
  return `ghcr.io/tektoncd/pipeline/${program}-${hash}:${VERSIONS.tekton}`
}

// The controller writes these paths into pods.
const FOLDER = 'ko-app'
// As in upstream's base image.
const NON_ROOT = '65532:65532'

function programLayer(program: string, surrounded: boolean): LayerContent {
  return {
    name: `tekton-${program}`,
    fill: async (root, sources) => {
      if (surrounded) await placeSurroundings(root, sources.componentRootfs)
      await placeFile(root, { from: sources.program(`tekton-${program}`), to: `${FOLDER}/${program}` })
    },
  }
}

/** `surrounded` is for a program that calls others by name and by https. */
function tektonImage(program: string, surrounded: boolean, lacks = ''): ComponentImage {
  const name = `tekton-${program}`
  return {
    ...{ name, reference: reference(program), version: VERSIONS.tekton },
    source: GO_PROGRAMS.find((one) => one.name === name)?.source ?? '',
    description: `Tekton Pipelines ${VERSIONS.tekton} ${program} rebuilt from its Go module${lacks}; not the upstream image`,
    settings: { entrypoint: [`/${FOLDER}/${program}`], env: [`PATH=/${FOLDER}`], user: NON_ROOT },
    layers: [programLayer(program, surrounded)],
  }
}

/** Controller and webhook, then what the controller starts in the pods of pipelines; each named like its program. */
export const TEKTON_IMAGES: readonly ComponentImage[] = [
  tektonImage('controller', true),
  tektonImage('webhook', true),
  tektonImage('entrypoint', false, ' without SPIRE'),
  tektonImage('nop', false),
  tektonImage('workingdirinit', false),
  tektonImage('sidecarlogresults', false),
]
