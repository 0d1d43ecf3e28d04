// Tekton Pipelines in a bundle: the manifest that play pins, and images under the names that upstream gives them.
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import pins from '../../../assets/versions.json' with { type: 'json' }
import { GO_PROGRAMS } from '../../../offline/go-modules.ts'
import { TEKTON } from '../../../offline/pins.ts'
import { createListings, listingsOf } from '../../../offline/recipes.ts'
import { TEKTON_IMAGES } from '../../../offline/tekton.ts'

const kit = fileURLToPath(new URL('../../../offline', import.meta.url))

describe('Tekton Pipelines in a bundle', () => {
  it('has the manifest of the pins: the same files with the same sums, in the same order', () => {
    const tag = 'https://raw.githubusercontent.com/tektoncd/pipeline/v1.0.0/'
    expect(TEKTON.files.map(({ path, sha256 }) => ({ url: `${tag}${path}`, sha256 }))).toEqual(
      pins.manifests.tekton.files,
    )
    expect(TEKTON.module).toBe(`github.com/tektoncd/pipeline@${pins.manifests.tekton.version}`)
  })

  it('names images as upstream does, and starts the program where the controller looks for it', () => {
    expect(TEKTON_IMAGES.map(({ reference, settings }) => [reference, settings.entrypoint?.[0]])).toEqual([
      ['ghcr.io/tektoncd/pipeline/controller-10a3e32792f33651396d02b6855a6e36:v1.0.0', '/ko-app/controller'],
      ['ghcr.io/tektoncd/pipeline/webhook-d4749e605405422fd87700164e31b2d1:v1.0.0', '/ko-app/webhook'],
      ['ghcr.io/tektoncd/pipeline/entrypoint-bff0a22da108bc2f16c818c97641a296:v1.0.0', '/ko-app/entrypoint'],
      ['ghcr.io/tektoncd/pipeline/nop-8eac7c133edad5df719dc37b36b62482:v1.0.0', '/ko-app/nop'],
      [
        'ghcr.io/tektoncd/pipeline/workingdirinit-0c558922ec6a1b739e550e349f2d5fc1:v1.0.0',
        '/ko-app/workingdirinit',
      ],
      [
        'ghcr.io/tektoncd/pipeline/sidecarlogresults-7501c6a20d741631510a448b48ab098f:v1.0.0',
        '/ko-app/sidecarlogresults',
      ],
    ])
  })

  it('has a program of its own behind every image', () => {
    for (const { name, source } of TEKTON_IMAGES) {
      const program = GO_PROGRAMS.find((one) => one.name === name)
      expect(program?.packagePath).toBe(`github.com/tektoncd/pipeline/cmd/${name.replace('tekton-', '')}`)
      expect(source).toBe('go:github.com/tektoncd/pipeline@v1.0.0')
    }
  })

  it('is in the full bundle and not in the core, as archives beside the node image', async () => {
    const listings = await createListings(kit, 'go1.26.3')
    const names = TEKTON_IMAGES.map((image) => image.name)
    const inFull = listingsOf(listings, 'full').map((listing) => listing.name)
    expect(inFull).toEqual(expect.arrayContaining(['tekton', ...names]))
    expect(listingsOf(listings, 'core').filter(({ name }) => name.startsWith('tekton'))).toEqual([])
    const node = listings.find((listing) => listing.kind === 'node-image')?.recipe
    expect(node?.inputs.filter((input) => input.id.includes('tekton'))).toEqual([])
  })
})
