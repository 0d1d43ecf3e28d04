import { describe, expect, test } from 'vitest'
import type { DownResult, InventoryResult } from '../../../src/domain/results.ts'
import { certificateView } from '../../../src/ui/certificate-view.ts'
import { inventoryView } from '../../../src/ui/inventory-view.ts'

const now = Date.parse('2026-01-01T03:00:00.000Z')
const options = { color: false, now, name: undefined }
const rows: InventoryResult['rows'] = [
  {
    ...{ playground: 'dev', owner: 'playground', layer: 'containers', what: 'play-dev-control-plane' },
    createdAt: '2026-01-01T00:00:00.000Z',
  },
  { playground: 'lost', owner: 'orphan', layer: 'processes', what: '7 pulumi up', createdAt: null },
  { playground: '', owner: 'shared', layer: 'cache', what: '/cache (2 files, 3 MiB)', createdAt: null },
]
const unknown: InventoryResult['unknown'] = [
  {
    playground: 'dev',
    finding: { layer: 'cluster', looked: 'kind', result: 'unknown', found: ['docker does not answer'] },
  },
]

describe('an inventory', () => {
  test('is a table of what there is, with its age and owner', () => {
    expect(inventoryView({ rows, unknown: [] }, options)).toBe(
      [
        'PLAYGROUND  LAYER       WHAT                     AGE  OWNER',
        'dev         containers  play-dev-control-plane    3h  playground',
        'lost        processes   7 pulumi up                   orphan',
        '-           cache       /cache (2 files, 3 MiB)       shared',
      ].join('\n'),
    )
  })

  test('of nothing says so', () => {
    expect(inventoryView({ rows: [], unknown: [] }, options)).toBe('Nothing of any playground is there.')
    expect(inventoryView({ rows: [], unknown: [] }, { ...options, name: 'dev' })).toBe(
      'Nothing of "dev" is there.',
    )
  })

  test('[row 7] says below it where it could not look, and then never that nothing is there', () => {
    expect(inventoryView({ rows, unknown }, options)).toContain(
      '\n\nplay could not look everywhere:\n  dev, cluster (kind): docker does not answer',
    )
    const nothing = inventoryView({ rows: [], unknown }, options)
    expect(nothing).not.toContain('is there.')
    expect(nothing).toContain('Nothing of any playground was found, but play could not look everywhere:')
  })
})

describe('what down says at its end', () => {
  const result: DownResult = {
    name: 'dev',
    existed: true,
    findings: [
      { layer: 'containers', looked: 'podman ps', result: 'absent', found: [] },
      { layer: 'state', looked: '/states/dev', result: 'absent', found: [] },
    ],
    certificate: '/states/certificates/20261122T220501Z-dev.json',
    settleMs: 2000,
  }

  test('[row 26] is the certificate: where it looked, what was there, and what that proves', () => {
    expect(certificateView(result, { color: false })).toBe(
      [
        'Playground dev is gone.',
        'LAYER       LOOKED       RESULT',
        'containers  podman ps    nothing',
        'state       /states/dev  nothing',
        'Nothing of "dev" is left: looked twice, 2 s apart; certificate: /states/certificates/20261122T220501Z-dev.json',
      ].join('\n'),
    )
  })

  test('of what never existed claims no certificate', () => {
    const text = certificateView({ name: 'never', existed: false, findings: [] }, { color: false })
    expect(text).toContain('There is no playground never')
    expect(text).not.toContain('certificate')
  })
})
