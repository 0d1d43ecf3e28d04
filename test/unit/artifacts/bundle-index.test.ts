// The index format accepts what the builder writes and names every defect of anything else.
import { describe, expect, it } from 'vitest'
import {
  BundleIndexError,
  formatBundleIndex,
  parseBundleIndex,
  validateBundleIndex,
  type BundleEntry,
  type BundleIndex,
} from '../../../src/artifacts/bundle-index.ts'

const sha = 'a'.repeat(64)

const unplaced = {
  name: 'kind',
  version: 'v0.32.0',
  description: 'kind rebuilt from its Go module',
  source: 'go:sigs.k8s.io/kind@v0.32.0',
  size: 10,
  sha256: sha,
}
const tool: BundleEntry = { ...unplaced, kind: 'tool', path: `blobs/sha256/${sha}` }
const node: BundleEntry = { ...tool, name: 'node', kind: 'node-image', reference: 'localhost/play/node:1' }
const contained: BundleEntry = {
  ...unplaced,
  name: 'argocd',
  kind: 'image',
  reference: 'quay.io/x:1',
  containedIn: 'node',
}

const index: BundleIndex = {
  formatVersion: 1,
  profile: 'core',
  platform: 'linux/amd64',
  kubernetesVersion: 'v1.34.10',
  createdAt: '2026-11-22T09:00:00.000Z',
  entries: [tool, node, contained],
}

function problemsOf(change: object): readonly string[] {
  try {
    validateBundleIndex({ ...index, ...change })
  } catch (error) {
    if (error instanceof BundleIndexError) return error.problems
    throw error
  }
  return []
}

const withEntry = (change: object): object => ({ entries: [{ ...tool, ...change }, node, contained] })

describe('the bundle index', () => {
  it('survives writing and reading', () => {
    expect(parseBundleIndex(formatBundleIndex(index))).toEqual(index)
  })

  it('drops fields it does not know', () => {
    expect(validateBundleIndex({ ...index, more: 1, entries: [{ ...tool, more: 1 }] }).entries[0]).toEqual(
      tool,
    )
  })

  it('refuses another format version before looking at anything else', () => {
    expect(problemsOf({ formatVersion: 2, entries: 'none' })).toEqual([
      'its format version is 2, and this program reads only 1',
    ])
  })

  it('refuses what is not JSON', () => {
    expect(() => parseBundleIndex('{')).toThrow(/not JSON/)
  })

  it.each([
    ['a kind it does not know', { kind: 'chart' }, /"kind"/],
    ['a digest that is none', { sha256: 'ABC' }, /"sha256"/],
    ['a negative size', { size: -1 }, /"size"/],
    ['an empty description', { description: ' ' }, /"description"/],
    ['a path out of the bundle', { path: '../x' }, /relative path inside/],
    ['an absolute path', { path: '/etc/passwd' }, /relative path inside/],
    ['no place at all', { path: undefined }, /exactly one of/],
    ['an image without a reference', { kind: 'image' }, /without a "reference"/],
    ['a tool inside an image', { path: undefined, containedIn: 'node' }, /kind must be "image"/],
  ])('names the entry with %s', (_what, change, expected) => {
    const problems = problemsOf(withEntry(change))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(expected)
    expect(problems[0]).toContain('kind')
  })

  it('names every defect at once', () => {
    expect(problemsOf({ profile: 'huge', platform: 'macos', createdAt: 'soon' })).toHaveLength(3)
  })

  it('refuses two entries of one name and a container that is not there', () => {
    const problems = problemsOf({ entries: [tool, tool, { ...contained, containedIn: 'kind' }] })
    expect(problems.join()).toMatch(/two entries are named "kind"/)
    expect(problems.join()).toMatch(/no node-image/)
  })
})
