/** Strings that mean something to shells, files, git and Kubernetes, given wherever a name, path or address is taken. */
import { beforeEach, describe, expect, test } from 'vitest'
import ComponentAdd from '../../commands/component/add.ts'
import DemoRun from '../../commands/demo/run.ts'
import Down from '../../commands/down.ts'
import Kubeconfig from '../../commands/kubeconfig.ts'
import Logs from '../../commands/logs.ts'
import Open from '../../commands/open.ts'
import Status from '../../commands/status.ts'
import Up from '../../commands/up.ts'
import { PlayError } from '../../src/domain/errors.ts'
import { parseBranch, parseGitUrl } from '../../src/domain/git-url.ts'
import { parseName } from '../../src/domain/names.ts'
import { parseRegistryUrl } from '../../src/domain/registry-url.ts'
import { runCommand } from '../fakes/fake-app.ts'
import { FakeWorld } from '../fakes/fake-ports.ts'
import { pick, seeded, tries } from '../fakes/seeded.ts'

const hostile = [
  ...[
    '../x',
    '..',
    '.',
    '/etc/passwd',
    'a/b',
    'a\\b',
    'a\0b',
    'a\nb',
    'a b',
    'a;id',
    '$(id)',
    '`id`',
    'a|b',
    'a&b',
  ],
  ...[
    'A',
    'ä',
    'a_b',
    'a.b',
    'a-',
    '1a',
    'a'.repeat(41),
    '*',
    '?',
    '~',
    '%00',
    '%2e%2e',
    'a=b',
    'a,b',
    "'",
    '"',
  ],
  ...['\u202Ea', '\u0430', 'ａ', '\u001b[2J', '__proto__', '${x}', '{{x}}', '<x>', 'a:b', 'a@b', '#a'],
]

let world: FakeWorld
beforeEach(() => {
  world = new FakeWorld()
})

type Command = Parameters<typeof runCommand>[0]
const places: readonly (readonly [string, Command, (text: string) => string[]])[] = [
  ['play up NAME', Up, (text) => [text]],
  ['play down NAME', Down, (text) => [text, '--yes']],
  ['play status NAME', Status, (text) => [text]],
  ['play kubeconfig NAME', Kubeconfig, (text) => [text]],
  ['play logs COMPONENT', Logs, (text) => [text]],
  ['play logs … NAME', Logs, (text) => ['argo-cd', text]],
  ['play open ENDPOINT', Open, (text) => [text]],
  ['play component add COMPONENT', ComponentAdd, (text) => [text]],
  ['play demo run FOLDER', DemoRun, (text) => [`no-such-folder/${text}`]],
  ['play up --with', Up, (text) => ['--with', text]],
  ['play up --kubernetes-version', Up, (text) => ['--kubernetes-version', text]],
  ['play up --git', Up, (text) => ['--git', text]],
  ['play up --git-branch', Up, (text) => ['--git', 'https://git.example.org/x.git', '--git-branch', text]],
  ['play up --registry', Up, (text) => ['--registry', text]],
]

/** Some are good addresses of registries and names of branches. */
const good: Readonly<Record<string, RegExp>> = {
  'play up --registry': /^(a|a\/b|a\.b|a_b|a-|1a|A)$/i,
  'play up --git-branch': /^[\w./-]+$/,
}

describe('[row 32] a hostile string', () => {
  test.each(places)('in %s reaches no engine, file, process or cluster', async (place, command, argv) => {
    for (const text of hostile) {
      if (good[place]?.test(text) === true) continue
      const said = await runCommand(command, argv(text), world)
      expect(said.exitCode, JSON.stringify([place, text, said])).toBeGreaterThan(1)
      expect(world.engine.changes).toEqual([])
      expect(world.gitRemotes.calls).toEqual([])
      expect([...world.states.states.keys(), ...world.states.files.keys()]).toEqual([])
      // Told in one piece: no line of its own, nothing that moves a cursor.
      expect(said.stderr, JSON.stringify(text)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
    }
  })

  test('is a name, a branch or an address only in the letters of one, by seed', () => {
    const random = seeded(32)
    const letters = [
      ...Array.from('abz019-_./:@\\\n\0 ~^?*[{$`;|&<>"\'%#=+'),
      'é',
      '\u202E',
      '..',
      '--',
      'https://',
      'ssh://',
      'x.org',
    ]
    const accepted: Readonly<Record<string, readonly [(text: string) => string, RegExp]>> = {
      name: [parseName, /^[a-z][a-z0-9-]{0,39}$/],
      branch: [parseBranch, /^(?![-.])(?!.*\.\.)[\w./-]+$/],
      'address of git': [parseGitUrl, /^(https?:\/\/|ssh:\/\/[\w.-]+@|[\w.-]+@[\w.-]+:)[!-~]+$/],
      registry: [parseRegistryUrl, /^(?!-)[!-~]+$/],
    }
    let taken = 0
    for (let count = 0; count < tries(20_000); count += 1) {
      const text = Array.from({ length: 1 + Math.floor(random() * 9) }, () => pick(random, letters)).join('')
      for (const [what, [parse, allowed]] of Object.entries(accepted))
        try {
          const answer = parse(text)
          taken += 1
          expect(answer, what).toMatch(allowed)
        } catch (error) {
          if (!(error instanceof PlayError)) throw error
        }
    }
    expect(taken).toBeGreaterThan(100)
  })
})
