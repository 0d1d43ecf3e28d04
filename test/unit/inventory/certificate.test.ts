import { describe, expect, test } from 'vitest'
import { certificateFile } from '../../../src/domain/certificate.ts'
import type { LayerFinding, Reading } from '../../../src/domain/results.ts'
import { certificateOf, verdictOf, type CertificateParts } from '../../../src/inventory/certificate.ts'

function finding(result: LayerFinding['result'], found: readonly string[] = []): Reading {
  return { layer: 'containers', looked: 'podman ps', result, found, items: found.map((what) => ({ what })) }
}

const parts: CertificateParts = {
  name: 'dev',
  id: '01aryz6s410000000000000000',
  tool: 'play 0.1.0',
  engine: { name: 'podman', identity: 'abc' },
  reads: ['2026-11-22T22:04:58.000Z', '2026-11-22T22:05:00.000Z'],
  settleMs: 2000,
  sweeps: 0,
  findings: [finding('absent')],
  verdict: 'empty',
  now: Date.parse('2026-11-22T22:05:01.250Z'),
}

describe('a verdict', () => {
  test.each([
    ['empty', ['absent', 'absent']],
    ['unknown', ['absent', 'unknown']],
    ['leftovers', ['absent', 'present']],
    ['leftovers', ['unknown', 'present']],
    ['unknown', []],
  ] as const)('[row 26] is %s for %j', (verdict, results) => {
    expect(verdictOf(results.map((result) => finding(result)))).toBe(verdict)
  })
})

describe('a certificate', () => {
  test('tells what was asked, whom, when and with what answer, and nothing else', () => {
    expect(certificateOf(parts)).toEqual({
      version: 1,
      name: 'dev',
      id: '01aryz6s410000000000000000',
      tool: 'play 0.1.0',
      scope: 'full',
      engine: { name: 'podman', identity: 'abc' },
      reads: ['2026-11-22T22:04:58.000Z', '2026-11-22T22:05:00.000Z'],
      settleMs: 2000,
      sweeps: 0,
      queries: [{ layer: 'containers', looked: 'podman ps', result: 'absent', found: [] }],
      verdict: 'empty',
      issuedAt: '2026-11-22T22:05:01.250Z',
    })
  })

  test.each([
    ['something is there', { findings: [finding('present', ['node'])] }, 'leftovers'],
    ['a place could not be looked at', { findings: [finding('unknown', ['down'])] }, 'unknown'],
    ['no place was looked at', { findings: [] }, 'unknown'],
    ['there was only one look', { reads: ['2026-11-22T22:05:00.000Z'] }, 'unknown'],
    ['an earlier look saw more than the last', { verdict: 'leftovers' }, 'leftovers'],
  ] as const)('[row 26] never says empty where %s', (_what, changes, verdict) => {
    expect(certificateOf({ ...parts, ...changes }).verdict).toBe(verdict)
  })

  test('[row 35] holds no credentials that the words of a tool quoted', () => {
    const found = ['cannot reach tcp://me:hunter2@engine:2375/x, nor https://token@proxy']
    const text = JSON.stringify(certificateOf({ ...parts, findings: [finding('unknown', found)] }))
    expect(text).not.toMatch(/hunter2|token/)
    expect(text).toContain('tcp://engine:2375/x')
  })

  test('has a file name that sorts by its time', () => {
    expect(certificateFile(certificateOf(parts))).toBe('20261122T220501Z-dev.json')
  })
})
