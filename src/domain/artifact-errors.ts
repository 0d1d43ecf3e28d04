/** The catalog's entries on things from outside: downloads and bundles. */
import { entry } from './catalog-entry.ts'

/** Part of the catalog; see there. */
export const artifactErrors = {
  OFFLINE_NO_BUNDLE: entry<{ looked: string }>(
    'network',
    (p) => `There is no network and no bundle (looked in ${p.looked})`,
    () => ['Where the internet is reachable: play bundle pull', 'From a checkout: make bundle'],
  ),
  DOWNLOAD_FAILED: entry<{ url: string; reason: string }>(
    'network',
    (p) => `Could not download ${p.url}: ${p.reason}`,
    () => ['Check the network, then run the command again', 'Work without it: play bundle list'],
  ),
  CHECKSUM_MISMATCH: entry<{ what: string; expected: string; actual: string }>(
    'network',
    (p) => `${p.what} is not what was pinned: sha256 ${p.actual}, expected ${p.expected}`,
    () => ['It was not used. Run the command again; if it stays so, report it'],
  ),
  CHECKSUM_UNPINNED: entry<{ what: string; checksumUrl: string; sha256: string }>(
    'network',
    (p) =>
      `${p.what} was checked against its vendor's ${p.checksumUrl}, not against a sum that play ships; sha256 ${p.sha256} is remembered`,
  ),
  BUNDLE_INVALID: entry<{ path: string; reason: string }>(
    'conflict',
    (p) => `The bundle at ${p.path} cannot be used: ${p.reason}`,
    () => ['play bundle verify', 'make bundle'],
  ),
  BUNDLE_DAMAGED: entry<{ path: string; entries: readonly string[] }>(
    'conflict',
    (p) => `The bundle at ${p.path} is damaged: ${p.entries.join(', ')}`,
    () => ['From a checkout: make bundle ARGS=--verify', 'Where the internet is reachable: play bundle pull'],
  ),
  ARTIFACT_MISSING: entry<{ artifact: string; bundle: string }>(
    'network',
    (p) => `The bundle at ${p.bundle} does not hold ${p.artifact}`,
    () => ['play bundle list', 'From a checkout: make bundle'],
  ),
  BUNDLE_LACKS_IMAGE: entry<{ image: string; component: string; name: string }>(
    'network',
    (p) => `The bundle does not hold the image ${p.image}, which the component ${p.component} runs`,
    (p) => ['From a checkout: make bundle PROFILE=full', `play up ${p.name} --without ${p.component}`],
  ),
} as const
