/** Conventions that no lint rule covers: how files are named, how they open, and that exceptions say why. */
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const files = globSync('{bin,commands,src,scripts,offline,bench,test}/**/*.ts', { cwd: root }).sort()
const program = files.filter((file) => /^(bin|commands|src|scripts)\//.test(file))

/** Directives that turn a check off, with what follows them on the line. */
function directives(text: string): string[] {
  return text.match(/(eslint-disable|@ts-expect-error|@ts-ignore|@ts-nocheck|prettier-ignore)[^\n]*/g) ?? []
}

function saysWhy(directive: string): boolean {
  return / -- \S+ \S+/.test(directive)
}

describe('files', () => {
  it('are named in kebab-case', () => {
    expect(files.filter((file) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*\.ts$/.test(basename(file)))).toEqual(
      [],
    )
  })

  it('are named for what they hold, not for where odds and ends go', () => {
    expect(files.filter((file) => /\b(utils?|helpers?|common|misc|managers?)\b/.test(file))).toEqual([])
  })

  it('open with a comment on their job', () => {
    const silent = program.filter((file) => !/^\/(\*\*|\/) \S/.test(readFileSync(join(root, file), 'utf8')))
    expect(silent).toEqual([])
  })

  it('say why where they turn a check off', () => {
    const unexplained = files
      .filter((file) => !file.startsWith('test/architecture/'))
      .flatMap((file) =>
        directives(readFileSync(join(root, file), 'utf8'))
          .filter((directive) => !saysWhy(directive))
          .map((directive) => `${file}: ${directive}`),
      )
    expect(unexplained).toEqual([])
  })

  it.each([
    ['// eslint-disable-next-line no-console -- the only output there is', 0],
    ['/* eslint-disable */', 1],
    ['// @ts-expect-error', 1],
    ['// eslint-disable-line complexity -- why', 1],
  ])('would find %s to lack a reason: %d', (text, count) => {
    expect(directives(text).filter((directive) => !saysWhy(directive))).toHaveLength(count)
  })
})
