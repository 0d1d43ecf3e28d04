/** The catalog's entries on components that cannot come into the cluster or cannot run there. */
import { entry } from './catalog-entry.ts'

/** Part of the catalog; see there. */
export const componentErrors = {
  COMPONENT_CONFLICT: entry<{
    component: string
    id: string
    name: string
    objects: readonly string[]
    more: number
    remove: string
  }>(
    'conflict',
    (p) =>
      `${p.component} cannot be installed: ${p.objects.join(', ')}${p.more > 0 ? ` and ${String(p.more)} more` : ''} ${p.objects.length + p.more === 1 ? 'exists and was' : 'exist and were'} not made by play; nothing of it was overwritten`,
    (p) => [`If it is not needed: ${p.remove}`, `play up ${p.name} --without ${p.id}`],
  ),
  PUBLISHED_UNKNOWN: entry<{ name: string }>(
    'conflict',
    (p) =>
      `Of playground "${p.name}" no single component can be upgraded: git does not hold what play remembers to have published last`,
    (p) => [`To bring everything in line, with all versions of this play: play up ${p.name}`],
  ),
  IMAGE_UNAVAILABLE: entry<{
    component: string
    image: string
    pod: string
    namespace: string
    reason: string
    bundled: boolean
    name: string
  }>(
    'cluster',
    (p) => `${p.component} cannot start: pod ${p.pod} does not get the image ${p.image} (${p.reason})`,
    (p) => [
      `kubectl --namespace ${p.namespace} describe pod ${p.pod}`,
      ...(p.bundled ? ['From a checkout: make bundle PROFILE=full'] : []),
      `Once the image can be had: play up ${p.name}`,
    ],
  ),
  REGISTRY_CREDENTIALS: entry<{ path: string; host: string; reason: string }>(
    'prerequisite',
    (p) => `${p.path} does not open ${p.host}: ${p.reason}`,
    (p) => [
      `In a folder of its own: docker --config DIR login ${p.host}, or podman login --authfile DIR/config.json ${p.host}`,
      'play up --registry URL --registry-credentials DIR/config.json',
    ],
  ),
} as const
