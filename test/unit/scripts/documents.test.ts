/** What the documents tell people to type, open and expect is there. */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { manifestCommands, type ManifestCommand } from '../../../scripts/generate-reference.ts'
import { exitCodeMeanings } from '../../../src/cli/help.ts'
import { componentRegistry } from '../../../src/components/index.ts'

const root = join(import.meta.dirname, '../../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const documents = globSync(['*.md', 'docs/**/*.md'], { cwd: root }).sort()
const commands = new Map(manifestCommands().map((command) => [command.id, command]))

/** The shell lines of a document; of a Makefile, its calls of play. */
function shellOf(path: string): string {
  if (path.endsWith('.md'))
    return [...read(path).matchAll(/```sh\n(.*?)```/gs)].map(([, text = '']) => text).join('\n')
  const calls = read(path)
    .replaceAll('$(PLAYGROUND)', 'name')
    .matchAll(/\$\(PLAY\)( .*)/g)
  return Array.from(calls, ([, words = '']) => `play${words}`).join('\n')
}

function commandOf(words: readonly string[]): ManifestCommand | undefined {
  return commands.get(words.slice(0, 2).join(':')) ?? commands.get(words[0] ?? '')
}

/** What is wrong with `play WORDS`; a flag of every command is in the manifest of each. */
function mistakesOf(words: readonly string[]): string[] {
  const command = commandOf(words)
  if (command === undefined) return [`no command: play ${words.join(' ')}`]
  const known = Object.values(command.flags).flatMap(({ name, char, allowNo }) => [
    `--${name}`,
    ...(allowNo === true ? [`--no-${name}`] : []),
    ...(char === undefined ? [] : [`-${char}`]),
  ])
  const flags = words.filter((word) => word.startsWith('-')).map((word) => word.replace(/=.*$/, ''))
  return flags
    .filter((flag) => !known.includes(flag))
    .map((flag) => `no flag ${flag}: play ${words.join(' ')}`)
}

/** Every call of play in a text of shell lines: `play …`, `make play ARGS="…"`. */
function callsIn(shell: string): string[][] {
  const plain = [...shell.matchAll(/(?:^|[\s@(;])play ([a-z][^|;&#)\n]*)/gm)]
  const made = [...shell.matchAll(/\bmake play ARGS="([^"]*)"/g)]
  const texts = [...plain.filter(([call]) => !call.includes('ARGS=')), ...made].map(([, words = '']) => words)
  return texts.map((text) => text.split(/[\s"']+/).filter((word) => /^[-a-z]/.test(word)))
}

function anchorsOf(path: string): string[] {
  const headings = [...read(path).matchAll(/^#+ (.*)$/gm)].map(([, text = '']) => text)
  return headings.map((text) =>
    text
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  )
}

describe.each([...documents, 'docs/examples/Makefile'])('%s', (path) => {
  it('has commands and flags that exist', () => {
    expect(callsIn(shellOf(path)).flatMap(mistakesOf)).toEqual([])
  })

  it('names make targets that exist', () => {
    const called = [...shellOf(path).matchAll(/(?:^|[`\s])make ([a-z][a-z0-9-]*)/gm)].map(
      ([, target]) => target,
    )
    const targets = [...read('Makefile').matchAll(/^([a-z0-9-]+):/gm)].map(([, target]) => target)
    expect(called.filter((target) => !targets.includes(target))).toEqual([])
  })
})

describe.each(documents)('%s', (path) => {
  it('has links that lead somewhere', () => {
    const links = [...read(path).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)]
    const broken = links.filter(([, file = '', anchor]) => {
      const target = file === '' ? path : relative(root, join(root, dirname(path), file))
      if (globSync(target, { cwd: root }).length === 0) return true
      return anchor !== undefined && !anchorsOf(target).includes(anchor)
    })
    expect(broken.map(([link]) => link)).toEqual([])
  })
})

describe('README.md', () => {
  const readme = read('README.md')

  it('has every exit code with its meaning', () => {
    for (const [code, meaning] of exitCodeMeanings)
      expect(readme.replace(/ +/g, ' ')).toContain(`| ${String(code)} | ${meaning} |`)
  })

  it('names every command, and every variable of a flag', () => {
    for (const { id, flags } of commands.values()) {
      expect(readme).toMatch(
        new RegExp(
          `play ${id.replace(':', ' ')}|play ${id.replace(/:.*/, '')}.*\`${id.replace(/.*:/, '')}\``,
        ),
      )
      for (const { env } of Object.values(flags)) if (env !== undefined) expect(readme).toContain(`\`${env}`)
    }
  })
})

it('help names every component', () => {
  const summary = commands.get('up')?.flags['with']?.summary
  for (const { id } of componentRegistry.all) expect(summary).toContain(id)
})
