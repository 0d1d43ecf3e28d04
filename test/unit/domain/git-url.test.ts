import { describe, expect, test } from 'vitest'
import { parseBranch, parseGitUrl, sshHost } from '../../../src/domain/git-url.ts'

describe('the address of a repository', () => {
  test.each([
    'https://example.org/me/playground.git',
    'https://example.org:8443/me/playground',
    'http://10.0.0.1:3000/me/playground.git',
    'ssh://git@example.org/me/playground.git',
    'ssh://git@example.org:2222/~me/playground.git',
    'git@example.org:me/playground.git',
  ])('may be %s', (url) => {
    expect(parseGitUrl(url)).toBe(url)
  })

  test.each([
    ['https://me:hunter2@example.org/x.git', '--git-credentials FILE'],
    ['https://hunter2@example.org/x.git', '--git-credentials FILE'],
    ['https://example.org/x.git?private_token=hunter2', '--git-credentials FILE'],
    ['ssh://me:hunter2@example.org/x.git', '--git-credentials FILE'],
  ])('is refused, unsaid, with a secret in it', (url, advice) => {
    expect(() => parseGitUrl(url)).toThrow(expect.objectContaining({ id: 'USAGE_INVALID' }) as Error)
    expect(() => parseGitUrl(url)).toThrow(advice)
    expect(() => parseGitUrl(url)).not.toThrow('hunter2')
  })

  test.each([
    'git://example.org/x.git',
    'file:///srv/x.git',
    '/srv/x.git',
    '../x.git',
    'ssh://example.org/x.git',
    'example.org:x.git',
    '--upload-pack=x:y',
    'https://example.org/a b',
    '',
  ])('is not %j', (url) => {
    expect(() => parseGitUrl(url)).toThrow('is no address that play can publish to')
  })

  test.each(['http://127.0.0.1:3000/x.git', 'http://localhost/x', 'ssh://git@[::1]/x', 'git@localhost:x'])(
    'is not %s, which is something else for a pod',
    (url) => {
      expect(() => parseGitUrl(url)).toThrow('something else for a pod')
    },
  )

  test.each([
    ['git@example.org:me/x.git', 'example.org'],
    ['ssh://git@example.org/x', 'example.org'],
    ['ssh://git@example.org:22/x', 'example.org'],
    ['ssh://git@example.org:2222/x', '[example.org]:2222'],
    ['https://example.org/x', undefined],
  ])('%s is known to ssh by %s', (url, host) => {
    expect(sshHost(url)).toBe(host)
  })
})

describe('a branch', () => {
  test.each(['main', 'play', 'me/play-1.0'])('may be %s', (name) => {
    expect(parseBranch(name)).toBe(name)
  })
  test.each(['', '-f', 'a b', 'a..b', '/a', 'a/', 'a.lock', 'a//b', 'x:y', '+main', 'a/.b'])(
    'is not %j',
    (name) => {
      expect(() => parseBranch(name)).toThrow('is no name for a branch')
    },
  )
})
