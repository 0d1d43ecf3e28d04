import { describe, expect, test } from 'vitest'
import { answeredFastImport, fastImport, type Commit } from '../../../src/components/git/fast-import.ts'

const commit: Commit = {
  changes: new Map([
    ['b/two.yaml', 'grüße\n'],
    ['gone.yaml', undefined],
    ['a.yaml', ''],
  ]),
  message: 'Größer\n',
  author: { name: 'play', email: 'play@localhost' },
  time: 1_700_000_000.9,
  onTop: true,
}

describe('the stream of a commit', () => {
  test('counts bytes, deletes before it writes, sorts by path, and says that it is whole', () => {
    expect(fastImport(commit)).toBe(`feature done
commit refs/heads/main
author play <play@localhost> 1700000000 +0000
committer play <play@localhost> 1700000000 +0000
data 9
Größer

from refs/heads/main^0
D gone.yaml
M 100644 inline a.yaml
data 0

M 100644 inline b/two.yaml
data 8
grüße

done
`)
  })

  test('is the same whatever the order of the changes', () => {
    const changes = new Map([...commit.changes].reverse())
    expect(fastImport({ ...commit, changes })).toBe(fastImport(commit))
  })

  test('may be of another reference, behind other commands, and have git answer the commit', () => {
    const stream = answeredFastImport({
      ...commit,
      changes: new Map([['a', 'x']]),
      ref: 'refs/play/x',
      onTop: false,
    })
    expect(stream).toBe(`commit refs/play/x
mark :1
author play <play@localhost> 1700000000 +0000
committer play <play@localhost> 1700000000 +0000
data 9
Größer

M 100644 inline a
data 1
x
get-mark :1
done
`)
  })

  test('starts the branch where there is none', () => {
    expect(fastImport({ ...commit, onTop: false })).not.toContain('from')
  })

  test.each(['', '/a', '"a"', 'a\nb', '../a', 'a/../b', './a', 'a//b', 'a/', '.git/config'])(
    'is refused for the path %j',
    (path) => {
      expect(() => fastImport({ ...commit, changes: new Map([[path, 'x']]) })).toThrow(
        'no path for a repository',
      )
    },
  )

  test.each(['demos/.gitkeep', 'platform/argo-cd/role-a b.yaml', '.gitignore', 'a..b'])(
    'takes the path %s',
    (path) => {
      expect(fastImport({ ...commit, changes: new Map([[path, 'x']]) })).toContain(`inline ${path}\n`)
    },
  )
})
