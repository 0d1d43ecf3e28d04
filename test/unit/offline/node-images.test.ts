// What the node carries so that demos need no network: which images, from which pinned inputs, listed where.
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import project from '../../../package.json' with { type: 'json' }
import { NODE_IMAGES, SEEDED_IMAGES } from '../../../offline/component-images.ts'
import { checkIntegrity, NODEJS_PROGRAM } from '../../../offline/npm-recipes.ts'
import { createListings, listingsOf, type Listing } from '../../../offline/recipes.ts'

const kit = fileURLToPath(new URL('../../../offline', import.meta.url))
const listings = await createListings(kit, 'go1.26.3')
const node = listings.find((listing) => listing.kind === 'node-image')?.recipe

describe('the images of the node', () => {
  it('have those of the demos: registry, builder, Node.js and nginx', () => {
    expect(NODE_IMAGES.map((image) => image.reference)).toEqual(
      expect.arrayContaining([
        'docker.io/library/registry:3.1.2',
        'docker.io/moby/buildkit:v0.32.2',
        `docker.io/library/node:${NODEJS_PROGRAM.version}-slim`,
        'docker.io/library/nginx:1.22.1',
        'docker.io/library/busybox:1.35',
      ]),
    )
  })

  it('are made from programs that are inputs of the node image, in both profiles', () => {
    expect(node?.inputs.map((input) => input.id)).toEqual(
      expect.arrayContaining(['go.registry', 'go.buildkitd', 'go.buildctl', 'npm.nodejs']),
    )
    const hasNode = (list: readonly Listing[]): boolean => list.some((listing) => listing.recipe === node)
    expect([hasNode(listingsOf(listings, 'core')), hasNode(listingsOf(listings, 'full'))]).toEqual([
      true,
      true,
    ])
  })

  it('are no archives beside the node image, and no two entries have one name', () => {
    const names = [...listings, ...NODE_IMAGES].map(({ name }) => name)
    expect(names).toHaveLength(new Set(names).size)
    const references = NODE_IMAGES.map(({ reference }) => reference)
    expect(references).toHaveLength(new Set(references).size)
  })

  it('share the Debian layer where they run on Debian', () => {
    const layersOf = (name: string): (string | undefined)[] | undefined =>
      NODE_IMAGES.find((image) => image.name === name)?.layers.map((layer) => layer.name)
    expect(['argocd', 'redis', 'buildkit', 'nginx'].map((name) => layersOf(name)?.[0])).toEqual(
      Array.from({ length: 4 }, () => 'debian'),
    )
  })

  it('that the registry has from the beginning are images of the node too', () => {
    expect(SEEDED_IMAGES.map((image) => image.name)).toEqual(['nodejs'])
    expect(NODE_IMAGES).toEqual(expect.arrayContaining([...SEEDED_IMAGES]))
  })
})

describe('Node.js for demos', () => {
  it('is the version that play is developed with', () => {
    expect(NODEJS_PROGRAM.version).toBe(project.devDependencies.node)
  })

  it('is refused when the registry hands out another package than the pinned one', () => {
    expect(() => {
      checkIntegrity(Buffer.from('something else'), NODEJS_PROGRAM)
    }).toThrow('not the pinned package')
    const integrity =
      'sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=='
    expect(() => {
      checkIntegrity(new Uint8Array(), { ...NODEJS_PROGRAM, integrity })
    }).not.toThrow()
  })
})
