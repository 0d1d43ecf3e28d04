import { describe, expect, test } from 'vitest'
import type { EngineContainer } from '../../../src/domain/ports.ts'
import { judge, markerFile, markerPath } from '../../../src/sources/kind/ownership.ts'

const folder = '/home/person/.local/state/play/playgrounds/dev'

function node(changes: Partial<EngineContainer> = {}): EngineContainer {
  return {
    id: 'a',
    name: 'play-dev-control-plane',
    state: 'running',
    image: 'kindest/node:v1.34.10',
    createdAt: '2026-01-01T00:00:00.000Z',
    labels: {},
    mounts: [{ source: `${folder}/${markerFile('01h')}`, destination: markerPath }],
    ports: [],
    ...changes,
  }
}

describe('what stands under a name', () => {
  test('is nothing without containers', () => {
    expect(judge([], folder)).toEqual({ is: 'absent' })
  })

  test.each([
    ['running', ['running', 'running'], 'running'],
    ['stopped when one node is', ['running', 'exited'], 'stopped'],
    ['stopped when a node never started', ['created'], 'stopped'],
    ['stopped while a node is paused', ['paused'], 'stopped'],
  ])('is ours and %s', (_what, states, is) => {
    expect(
      judge(
        states.map((state) => node({ state })),
        folder,
      ).is,
    ).toBe(is)
  })

  test.each([
    ['a node without our mark', { mounts: [] }, 'has no mark of play'],
    [
      'a mark somewhere else',
      { mounts: [{ source: `${folder}/owner-01h`, destination: '/other' }] },
      'has no mark of play',
    ],
    [
      'the mark of another playground',
      { mounts: [{ source: '/other/dev/owner-01h', destination: markerPath }] },
      '/other/dev',
    ],
    [
      'a mark in a folder below ours',
      { mounts: [{ source: `${folder}/deep/owner-01h`, destination: markerPath }] },
      `${folder}/deep`,
    ],
  ])('is foreign for %s', (_what, changes, reason) => {
    const seen = judge([node(), node(changes)], folder)
    expect(seen).toMatchObject({ is: 'foreign', reason: expect.stringContaining(reason) as unknown })
  })

  test('is ours where Docker Desktop shows the path as its virtual machine sees it', () => {
    const source = `/host_mnt${folder}/${markerFile('01h')}`
    expect(judge([node({ mounts: [{ source, destination: markerPath }] })], folder).is).toBe('running')
  })
})
