/** The real program with programs around it that write down what they are given: arguments, environments, files, connections. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, lstat, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Canaries } from '../fakes/canaries.ts'

const root = join(import.meta.dirname, '../..')
const canaries = new Canaries()

/** What a person's shell may hold and no child may see. */
const secretNames = [
  ...['DIGITALOCEAN_TOKEN', 'DIGITALOCEAN_ACCESS_TOKEN', 'PULUMI_ACCESS_TOKEN', 'PULUMI_CONFIG_PASSPHRASE'],
  ...['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'GOOGLE_CREDENTIALS', 'AZURE_CLIENT_SECRET'],
  ...[
    'GITHUB_TOKEN',
    'GITLAB_TOKEN',
    'NPM_TOKEN',
    'DOCKER_PASSWORD',
    'KUBE_TOKEN',
    'PGPASSWORD',
    'MY_SECRET',
  ],
]

/** What each stand-in says; all of them note their arguments and environment first. */
const programs: Readonly<Record<string, string>> = {
  podman: `case "$1" in volume) echo '[]';; network|image) echo 'no such object' >&2; exit 1;; esac`,
  docker: 'exit 1',
  git: 'echo "fatal: could not read" >&2; exit 128',
  kind: '[ "$1" = version ] && echo "kind v0.32.0 go1.26.4 linux/amd64"',
  pulumi: `[ "$1" = version ] && echo v3.259.0 && exit
mkdir -p "$PULUMI_HOME/logs" && echo log > "$PULUMI_HOME/logs/log"
echo "error: it does not work" >&2
exit 255`,
}

let base: string
let notes: string
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'play-secrets-'))
  notes = join(base, 'notes')
  await mkdir(join(base, 'bin'))
  await mkdir(join(base, 'home'))
  for (const [name, script] of Object.entries(programs)) {
    const note = `{ echo "RUN ${name} $*"; /usr/bin/env; } >> '${notes}'`
    const path = `PATH="$PATH:/usr/bin:/bin"`
    await writeFile(join(base, 'bin', name), `#!/bin/sh\n(${path}; ${note})\n${path}\n${script}\n`)
    await chmod(join(base, 'bin', name), 0o755)
  }
  // Every connection that is not to this machine, and every name that is asked for.
  await writeFile(
    join(base, 'network.mjs'),
    `import net from 'node:net'\nimport dns from 'node:dns'\nimport { appendFileSync } from 'node:fs'
const note = (what) => appendFileSync(${JSON.stringify(join(base, 'network'))}, process.argv[2] + ' ' + what + '\\n')
const { connect } = net.Socket.prototype
net.Socket.prototype.connect = function (...args) {
  const [{ host, path } = {}] = Array.isArray(args[0]) ? args[0] : args
  if (path === undefined) note(String(host))
  return connect.apply(this, args)
}
const { lookup } = dns
dns.lookup = (name, ...rest) => (note(name), lookup(name, ...rest))\n`,
  )
})
afterAll(() => rm(base, { recursive: true, force: true }))

interface Ended {
  readonly output: string
  readonly exitCode: number | null
}

async function play(umask: string, state: string, argv: readonly string[]): Promise<Ended> {
  const env = {
    PATH: join(base, 'bin'),
    HOME: join(base, 'home'),
    ...{ PLAY_STATE_DIR: state, PLAY_CACHE_DIR: join(base, 'cache'), PLAY_ENGINE: 'podman', DEBUG: '*' },
    ...{ PLAY_KIND: join(base, 'bin/kind'), PLAY_PULUMI: join(base, 'bin/pulumi') },
    NODE_OPTIONS: `--import ${join(base, 'network.mjs')}`,
    ...Object.fromEntries(secretNames.map((name) => [name, secrets[name]])),
  }
  const words = ['-c', `umask ${umask}; exec "$0" "$@"`, process.execPath, join(root, 'bin/run.js'), ...argv]
  const child = spawn('/bin/sh', words, { env, stdio: ['ignore', 'pipe', 'pipe'], cwd: base })
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => said.push(String(data)))
  const [exitCode] = (await once(child, 'close')) as [number | null]
  return { output: said.join(''), exitCode }
}

const secrets = Object.fromEntries(secretNames.map((name) => [name, canaries.make(name)]))
const gitPassword = canaries.make('git password')
const registryPassword = canaries.make('registry password')

/** Everything below a folder, each with its kind, mode and owner, and its text. */
async function walk(folder: string): Promise<{ path: string; mode: string; uid: number; text: string }[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  return Promise.all(
    ['', ...names].map(async (name) => {
      const path = join(folder, name)
      const facts = await lstat(path)
      const mode = `${facts.isDirectory() ? 'd' : '-'}${(facts.mode & 0o777).toString(8)}`
      return { path, mode, uid: facts.uid, text: facts.isFile() ? await readFile(path, 'latin1') : '' }
    }),
  )
}

describe.each(['000', '077'])('with umask %s', (umask) => {
  let state: string
  const outputs: string[] = []
  beforeAll(async () => {
    state = join(base, `state-${umask}`)
    const encoded = encodeURIComponent(gitPassword)
    await writeFile(join(base, 'token'), `https://me:${encoded}@git.example.org\n`, { mode: 0o600 })
    const auth = Buffer.from(`me:${registryPassword}`).toString('base64')
    const config = JSON.stringify({ auths: { 'registry.example.org': { auth } } })
    await writeFile(join(base, 'config.json'), config, { mode: 0o600 })
    const up = ['up', 'dev', '--without', 'git,argo-cd,argo-workflows,pulumi-operator,buildkit,registry']
    const own = ['--registry', 'https://registry.example.org', '--registry-credentials', 'config.json']
    const git = ['--git', 'https://git.example.org/x.git', '--git-credentials', 'token']
    for (const argv of [
      [...up, ...own],
      ['up', 'other', ...git, '--offline'],
      ...[['list'], ['status', 'dev'], ['inventory', 'dev'], ['version'], ['bundle', 'list'], ['doctor']],
      ['component', 'list', 'dev', '--output', 'json'],
    ])
      outputs.push((await play(umask, state, argv)).output)
  }, 120_000)

  test('[row 35] no child, file, log or output has a secret of the person’s', async () => {
    const text = await readFile(notes, 'utf8')
    for (const name of ['podman', 'kind', 'pulumi']) expect(text).toContain(`RUN ${name} `)
    expect(text).toContain('RUN pulumi up')
    expect(canaries.in(text)).toEqual([])
    expect(outputs.flatMap((output) => canaries.in(output))).toEqual([])
    expect((await walk(state)).flatMap(({ path, text: held }) => canaries.in(held).map(() => path))).toEqual(
      [],
    )
  })

  test('[row 36] everything in the state folder is this user’s alone, what the engine writes included', async () => {
    const found = await walk(state)
    const names = found.map(({ path }) => relative(state, path))
    expect(names).toEqual(
      expect.arrayContaining(
        ['state.json', 'journal.jsonl', 'pulumi/passphrase', 'pulumi/home/logs/log'].map((name) =>
          join('playgrounds/dev', name),
        ),
      ),
    )
    expect(found.filter(({ mode }) => !['d700', '-600'].includes(mode))).toEqual([])
    expect(found.filter(({ uid }) => uid !== process.getuid?.())).toEqual([])
  })

  test('[row 39] only doctor asks the network, and only for a place that is declared', async () => {
    const asked = (await readFile(join(base, 'network'), 'utf8')).split('\n')
    const others = asked.filter((line) => !/^$| (127\.0\.0\.1|localhost)$/.test(line))
    const pins = await readFile(join(root, 'assets/versions.json'), 'utf8')
    const declared = [...pins.matchAll(/"https:\/\/([^/"]+)/g)].map(([, host]) => `doctor ${host ?? ''}`)
    expect(others.filter((line) => !declared.includes(line))).toEqual([])
  })
})
