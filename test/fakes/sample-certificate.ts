/** The answer of an inventory that found nothing, as it is written down. */
import type { Certificate } from '../../src/domain/certificate.ts'

/** A certificate of the playground `name` that was empty at `issuedAt`, an ISO time. */
export function sampleCertificate(name: string, issuedAt: string): Certificate {
  return {
    version: 1,
    name,
    id: '01aryz6s410000000000000000',
    tool: 'play 0',
    scope: 'full',
    engine: { name: 'podman', identity: 'engine' },
    reads: [issuedAt, issuedAt],
    settleMs: 2000,
    sweeps: 0,
    queries: [],
    verdict: 'empty',
    issuedAt,
  }
}
