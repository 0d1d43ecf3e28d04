// The images of the node that are about images: the registry that keeps them, and BuildKit that builds them.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DEBIAN, type ComponentImage } from './base-layers.ts'
import { GO_PROGRAMS, VERSIONS } from './go-modules.ts'
import {
  librariesOf,
  placeFile,
  placeFromRootfs,
  placeLinks,
  placeSurroundings,
  placeText,
} from './layer-contents.ts'

const source = (name: string): string => GO_PROGRAMS.find((program) => program.name === name)?.source ?? ''

const REGISTRY_CONFIGURATION = `version: 0.1
storage:
  delete: { enabled: true }
  filesystem: { rootdirectory: /var/lib/registry }
http:
  addr: :5000
  headers: { X-Content-Type-Options: [nosniff] }
`

/** The registry that images are pushed to. */
export const REGISTRY: ComponentImage = {
  ...{
    name: 'registry',
    reference: `docker.io/library/registry:${VERSIONS.registry.slice(1)}`,
    version: VERSIONS.registry,
  },
  source: source('registry'),
  description: `Distribution ${VERSIONS.registry} rebuilt from its Go module, on port 5000 with files in /var/lib/registry; not the upstream image`,
  settings: {
    entrypoint: ['/bin/registry'],
    command: ['serve', '/etc/distribution/config.yml'],
    env: ['PATH=/bin'],
  },
  layers: [
    {
      name: 'registry',
      fill: async (root, sources) => {
        await placeSurroundings(root, sources.componentRootfs)
        await placeFile(root, { from: sources.program('registry'), to: 'bin/registry' })
        await placeText(root, 'etc/distribution/config.yml', REGISTRY_CONFIGURATION)
        await mkdir(join(root, 'var/lib/registry'), { recursive: true })
      },
    },
  ],
}

/** BuildKit's daemon and client, with the runc, mount and shell that they call. */
export const BUILDKIT: ComponentImage = {
  ...{
    name: 'buildkit',
    reference: `docker.io/moby/buildkit:${VERSIONS.buildkit}`,
    version: VERSIONS.buildkit,
  },
  source: source('buildkitd'),
  description: `BuildKit ${VERSIONS.buildkit} (buildkitd, buildctl) rebuilt from its Go module, with Debian 12's runc and git; not the upstream image`,
  settings: { entrypoint: ['/usr/local/bin/buildkitd'] },
  layers: [
    DEBIAN,
    {
      name: 'buildkit',
      fill: async (root, sources) => {
        const { nodeRootfs, signal } = sources
        for (const name of ['buildkitd', 'buildctl'])
          await placeFile(root, { from: sources.program(name), to: `usr/local/bin/${name}` })
        const runc = '/usr/sbin/runc'
        const libraries = (await librariesOf(nodeRootfs, [runc], signal)).filter((library) =>
          library.includes('seccomp'),
        )
        const placed = [runc, ...libraries.map((library) => library.replace(/^\/lib\//, '/usr/lib/'))]
        await placeFromRootfs(root, nodeRootfs, placed, signal)
        await placeLinks(root, '/usr/sbin/runc', ['usr/local/bin/buildkit-runc'])
      },
    },
  ],
}
