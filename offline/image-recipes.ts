// The recipes of images: the node image with everything in it, and archives of single images for the full bundle.
import { mkdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { ComponentImage, LayerContent, LayerSources } from './base-layers.ts'
import { NODE_IMAGES, SEEDED_IMAGES } from './component-images.ts'
import { VERSIONS } from './go-modules.ts'
import { imageId, packLayer, writeDockerArchive, type Image, type Layer } from './image-archive.ts'
import { makeNodeImage } from './node-image.ts'
import type { Json, Recipe, Workbench } from './recipe.ts'

/** The recipes that images are made from. */
export interface ImageInputs {
  /** Programs by name, those of the kit itself and of other registries among them. */
  readonly programs: ReadonlyMap<string, Recipe>
  /** Recipes of files that Go modules carry. */
  readonly moduleFiles: readonly Recipe[]
  readonly nodeSystem: Recipe
  readonly componentSystem: Recipe
  /** Digest of the code that fills layers and writes images. */
  readonly codeDigest: string
}

/** What is recorded of an image inside the node image. */
export interface ContainedImage {
  readonly name: string
  /** Hex image id. */
  readonly id: string
  /** Bytes of its unpacked layers. */
  readonly size: number
}

const NODE_PROGRAMS = [
  ...[
    'kubeadm',
    'kubelet',
    'kubectl',
    'kube-apiserver',
    'kube-controller-manager',
    'kube-scheduler',
    'kube-proxy',
  ],
  ...['etcd', 'coredns', 'pause', 'pod-network', 'argocd', 'kustomize', 'workflow-controller', 'argoexec'],
  ...['registry', 'buildkitd', 'buildctl', 'nodejs'],
]

function programRecipe(inputs: ImageInputs, name: string): Recipe {
  const recipe = inputs.programs.get(name)
  if (recipe === undefined) throw new Error(`there is no recipe for the program ${name}`)
  return recipe
}

function sourcesFor(inputs: ImageInputs, bench: Workbench): LayerSources {
  const files = new Map<string, Recipe>()
  const fileRecipe = (name: string): Recipe => {
    for (const recipe of inputs.moduleFiles)
      if (moduleFileNames(recipe).includes(name)) files.set(name, recipe)
    const found = files.get(name)
    if (found === undefined) throw new Error(`no recipe hands on the file ${name}`)
    return found
  }
  return {
    program: (name) => bench.input(programRecipe(inputs, name), name),
    moduleFile: (name) => bench.input(fileRecipe(name), name),
    nodeRootfs: bench.input(inputs.nodeSystem),
    componentRootfs: bench.input(inputs.componentSystem),
    signal: bench.signal,
  }
}

function moduleFileNames(recipe: Recipe): string[] {
  const { files } = recipe.ingredients as { files: readonly { path: string }[] }
  return files.map((file) => basename(file.path))
}

async function packContent(content: LayerContent, sources: LayerSources, bench: Workbench): Promise<Layer> {
  const folder = join(bench.scratch, 'fill')
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder)
  await content.fill(folder, sources)
  const layers = join(bench.scratch, 'layers')
  await mkdir(layers, { recursive: true })
  return packLayer(folder, join(layers, `${content.name}.tar`), bench.signal)
}

async function makeImages(
  images: readonly ComponentImage[],
  sources: LayerSources,
  bench: Workbench,
): Promise<Image[]> {
  const packed = new Map<string, Layer>()
  const made: Image[] = []
  for (const image of images) {
    bench.say(`image ${String(made.length + 1)} of ${String(images.length)}: ${image.name}`)
    for (const content of image.layers)
      if (!packed.has(content.name)) packed.set(content.name, await packContent(content, sources, bench))
    const layers = image.layers.flatMap((content) => packed.get(content.name) ?? [])
    made.push({ reference: image.reference, settings: image.settings, layers })
  }
  return made
}

// The parts of an image that are data; the code that fills its layers is covered by a digest.
const describeImages = (images: readonly ComponentImage[]): Json =>
  images.map((image) => ({
    reference: image.reference,
    settings: JSON.stringify(image.settings),
    layers: image.layers.map((layer) => layer.name),
  }))

/** The reference of the node image whose recipe has this key. */
export const nodeReference = (key: string): string =>
  `localhost/play/node:${VERSIONS.kubernetes}-${key.slice(0, 12)}`

/** The recipe of the node image. Its facts name the contained images. */
export function nodeImageRecipe(inputs: ImageInputs, nodeFiles: string): Recipe {
  return {
    id: 'image.node',
    title: `Make the node image of Kubernetes ${VERSIONS.kubernetes}`,
    inputs: [
      ...NODE_PROGRAMS.map((name) => programRecipe(inputs, name)),
      ...[...inputs.moduleFiles, inputs.nodeSystem, inputs.componentSystem],
    ],
    ingredients: {
      images: describeImages(NODE_IMAGES),
      seeded: SEEDED_IMAGES.map((image) => image.reference),
      code: inputs.codeDigest,
    },
    usualSeconds: 120,
    track: 'main',
    diskGigabytes: 8,
    result: 'blobs',
    make: async (bench) => {
      const sources = sourcesFor(inputs, bench)
      const images = await makeImages(NODE_IMAGES, sources, bench)
      const archive = join(bench.scratch, 'node.tar')
      await makeNodeImage({
        ...{ sources, nodeFiles, images, archive, signal: bench.signal },
        seeded: images.filter((image) => SEEDED_IMAGES.some((one) => one.reference === image.reference)),
        kubernetesVersion: VERSIONS.kubernetes,
        reference: nodeReference(bench.key),
        scratch: join(bench.scratch, 'node'),
        progress: bench.say,
      })
      const contained: ContainedImage[] = images.map((image, position) => ({
        name: NODE_IMAGES[position]?.name ?? '',
        id: imageId(image),
        size: image.layers.reduce((sum, layer) => sum + layer.size, 0),
      }))
      return {
        files: [{ name: 'node', file: archive, executable: false }],
        facts: { images: contained.map((image) => ({ ...image })) },
      }
    },
  }
}

/** The recipe of an image that is loaded on demand; `programs` are those its layers hold. */
export function ownImageRecipe(
  image: ComponentImage,
  programs: readonly string[],
  inputs: ImageInputs,
): Recipe {
  return {
    id: `image.${image.name}`,
    title: `Make the ${image.name} image`,
    inputs: [
      ...programs.map((name) => programRecipe(inputs, name)),
      inputs.nodeSystem,
      inputs.componentSystem,
    ],
    ingredients: { images: describeImages([image]), code: inputs.codeDigest },
    usualSeconds: 15,
    track: 'main',
    diskGigabytes: 1,
    result: 'blobs',
    make: async (bench) => {
      const sources = sourcesFor(inputs, bench)
      const archive = join(bench.scratch, `${image.name}.tar`)
      const made = await makeImages([image], sources, bench)
      await writeDockerArchive(made, archive, join(bench.scratch, 'archive'), bench.signal)
      return { files: [{ name: image.name, file: archive, executable: false }] }
    },
  }
}
