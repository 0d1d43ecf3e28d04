// All recipes of a bundle, wired to one another, and what of them each profile holds.
import { join } from 'node:path'
import type { BundleProfile } from '../src/artifacts/bundle-index.ts'
import { codeDigest } from './code-digest.ts'
import type { ComponentImage } from './base-layers.ts'
import { NODE_IMAGES } from './component-images.ts'
import { debianRecipe } from './debian-recipes.ts'
import { COMPONENT_SYSTEM, NODE_SYSTEM } from './debian-systems.ts'
import { GO_PROGRAMS, VERSIONS } from './go-modules.ts'
import { goRecipe, ownProgramRecipe } from './go-recipes.ts'
import { nodeImageRecipe, nodeReference, ownImageRecipe, type ImageInputs } from './image-recipes.ts'
import { ARGO_CD_CORE_PLAN, ARGO_CD_FULL_PLAN, ARGO_WORKFLOWS_PLAN } from './manifest-plans.ts'
import { manifestRecipe, moduleFilesRecipe, type ManifestPlan } from './module-file-recipes.ts'
import { NODEJS_PROGRAM, npmFileRecipe } from './npm-recipes.ts'
import { ARGO_CD_SCRIPTS, ARGO_WORKFLOWS_FILES } from './pins.ts'
import type { Recipe } from './recipe.ts'
import { TEKTON_IMAGES, TEKTON_PLAN } from './tekton.ts'

/** How a recipe's output appears in the index. `reference` may depend on the recipe's key. */
export interface Listing {
  readonly recipe: Recipe
  readonly core: boolean
  readonly kind: 'tool' | 'node-image' | 'image' | 'manifest'
  readonly name: string
  readonly version: string
  readonly description: string
  readonly source: string
  readonly reference?: (key: string) => string
}

/** Programs whose source is in the kit. */
const OWN_PROGRAMS = ['pause', 'pod-network']

const IMAGE_CODE = ['layer-contents.ts', 'image-archive.ts']
const NODE_CODE = [
  ...[...IMAGE_CODE, 'base-layers.ts', 'component-images.ts', 'kube-proxy-layer.ts', 'own-images.ts'],
  ...['demo-images.ts', 'registry-seed.ts', 'node-image.ts', 'node-files'],
]

function toolListing(recipe: Recipe, name: string, what: string, core: boolean): Listing {
  const program = GO_PROGRAMS.find((one) => one.name === name)
  const { version = '', source = '' } = program ?? {}
  const description = `${what} ${version} rebuilt from its Go module; not the upstream binary`
  return { ...{ recipe, core, name, version, source, description }, kind: 'tool' }
}

const manifestListing = (plan: ManifestPlan, core: boolean, digest: string): Listing => ({
  recipe: manifestRecipe(plan, digest),
  ...{ core, name: plan.name, version: plan.version, description: plan.description },
  kind: 'manifest',
  source: `go:${plan.files.module}`,
})

function nodeListing(recipe: Recipe): Listing {
  return {
    ...{ recipe, core: true, kind: 'node-image', name: 'node', version: VERSIONS.kubernetes },
    description:
      `A kind node of Kubernetes ${VERSIONS.kubernetes} on Debian 12 with ${String(NODE_IMAGES.length)} images unpacked inside, ` +
      'without network policies and without a storage class; not the upstream image',
    source: 'play:offline',
    reference: nodeReference,
  }
}

function imageListing(image: ComponentImage, programs: readonly string[], inputs: ImageInputs): Listing {
  return {
    recipe: ownImageRecipe(image, programs, inputs),
    ...{ core: false, kind: 'image', name: image.name, version: image.version },
    ...{ description: image.description, source: image.source, reference: () => image.reference },
  }
}

// Tekton is in a file of its own, which no other recipe's digest covers: changing it makes nothing else anew.
async function tektonListings(inputs: Omit<ImageInputs, 'codeDigest'>, kit: string): Promise<Listing[]> {
  const from = { ...inputs, codeDigest: await codeDigest(kit, [...IMAGE_CODE, 'tekton.ts']) }
  const manifestCode = await codeDigest(kit, ['tekton.ts', 'module-file-recipes.ts'])
  return [
    manifestListing(TEKTON_PLAN, false, manifestCode),
    ...TEKTON_IMAGES.map((image) => imageListing(image, [image.name], from)),
  ]
}

/** Every listing of the full bundle, those of the core first. `kit` is the folder of this code. */
export async function createListings(kit: string, goVersion: string): Promise<Listing[]> {
  const programs = new Map<string, Recipe>()
  for (const program of GO_PROGRAMS) programs.set(program.name, goRecipe(program, goVersion))
  for (const name of OWN_PROGRAMS)
    programs.set(name, ownProgramRecipe(name, kit, await codeDigest(kit, [name]), goVersion))
  programs.set(NODEJS_PROGRAM.name, npmFileRecipe(NODEJS_PROGRAM))
  const debianCode = await codeDigest(kit, ['debian-rootfs.ts'])
  const inputs = {
    programs,
    moduleFiles: [
      moduleFilesRecipe('argo-cd', ARGO_CD_SCRIPTS),
      moduleFilesRecipe('argo-workflows', ARGO_WORKFLOWS_FILES),
    ],
    nodeSystem: debianRecipe(NODE_SYSTEM, debianCode),
    componentSystem: debianRecipe(COMPONENT_SYSTEM, debianCode),
  }
  const node = nodeImageRecipe(
    { ...inputs, codeDigest: await codeDigest(kit, NODE_CODE) },
    join(kit, 'node-files'),
  )
  const manifestCode = await codeDigest(kit, ['manifest-plans.ts', 'module-file-recipes.ts'])
  const tool = (name: string, what: string, core = true): Listing[] => {
    const recipe = programs.get(name)
    return recipe === undefined ? [] : [toolListing(recipe, name, what, core)]
  }
  return [
    ...[...tool('kind', 'kind'), ...tool('kubectl', 'kubectl'), ...tool('pulumi', 'The pulumi CLI')],
    nodeListing(node),
    manifestListing(ARGO_CD_CORE_PLAN, true, manifestCode),
    manifestListing(ARGO_WORKFLOWS_PLAN, true, manifestCode),
    ...tool('pulumi-language-yaml', "Pulumi's YAML language host", false),
    manifestListing(ARGO_CD_FULL_PLAN, false, manifestCode),
    ...(await tektonListings(inputs, kit)),
  ]
}

/** The listings of a profile. */
export const listingsOf = (listings: readonly Listing[], profile: BundleProfile): Listing[] =>
  listings.filter((listing) => profile === 'full' || listing.core)
