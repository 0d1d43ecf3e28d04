import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { DemoResult } from '../../../src/domain/demo.ts'
import { demoListView, demoView } from '../../../src/ui/demo-view.ts'

const result: DemoResult = {
  demo: 'ci',
  message: 'Commit abc is live.\nThe service says hello',
  outputs: { commit: 'abc', digest: 'sha256:1' },
  steps: [{ id: 'run', title: 'Run', durationMs: 1000 }],
  parts: [
    { name: 'clone', pod: 'ci-1-clone', phase: 'Succeeded', durationMs: 2000 },
    { name: 'build', pod: 'ci-1-build', phase: 'Succeeded', durationMs: 63_000 },
  ],
  next: ['kubectl get pods', 'play demo stop ci'],
}

describe('a demo that ended well', () => {
  test('says what it proved, how long each part took, its facts and what to do next', () => {
    expect(demoView(result, { color: false })).toBe(
      [
        'Commit abc is live.',
        'The service says hello',
        '',
        'STEP   STATE       TOOK  POD',
        'clone  Succeeded   2.0s  ci-1-clone',
        'build  Succeeded  1m03s  ci-1-build',
        '',
        '  commit  abc',
        '  digest  sha256:1',
        '',
        'Next:',
        '  $ kubectl get pods',
        '  $ play demo stop ci',
      ].join('\n'),
    )
  })

  test('leaves out what it has not', () => {
    const bare = { ...result, parts: [], outputs: {}, next: [] }
    expect(demoView(bare, { color: false })).toBe('Commit abc is live.\nThe service says hello')
  })

  test('says the same in colour', () => {
    const coloured = demoView(result, { color: true })
    expect(coloured).not.toBe(stripVTControlCharacters(coloured))
    expect(stripVTControlCharacters(coloured)).toBe(demoView(result, { color: false }))
  })
})

describe('the list of demos', () => {
  const rows = [
    { id: 'hello', summary: 'one pod says hello', needs: ['pipelines'], takes: '7 s' },
    { id: 'gitops', summary: 'a change in git reaches the cluster', needs: ['git', 'gitops'], takes: '25 s' },
  ]

  test('tells what each shows, needs and takes', () => {
    expect(demoListView(rows, { color: false })).toBe(
      [
        'DEMO    SHOWS                                NEEDS        TAKES',
        'hello   one pod says hello                   pipelines    7 s',
        'gitops  a change in git reaches the cluster  git, gitops  25 s',
      ].join('\n'),
    )
  })

  test('never cuts the names, which are copied', () => {
    const lines = demoListView(rows, { color: false, width: 40 }).split('\n')
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['DEMO', 'hello', 'gitops'])
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(40)
  })
})
