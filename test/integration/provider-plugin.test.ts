/** The plug-in as the engine starts it: a process of its own, its calls over gRPC, a scripted kind. */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { fileURLToPath } from 'node:url'
import grpc from '@grpc/grpc-js'
import empty from 'google-protobuf/google/protobuf/empty_pb.js'
import struct from 'google-protobuf/google/protobuf/struct_pb.js'
import engineService from '@pulumi/pulumi/proto/engine_grpc_pb.js'
import type { LogRequest } from '@pulumi/pulumi/proto/engine_pb.js'
import providerService from '@pulumi/pulumi/proto/provider_grpc_pb.js'
import providerMessages from '@pulumi/pulumi/proto/provider_pb.js'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const entry = fileURLToPath(new URL('../../src/pulumi/provider/main.ts', import.meta.url))
const urn = 'urn:pulumi:dev::play::play:index:KindCluster::cluster'
const inputs = {
  name: 'play-dev',
  image: 'kindest/node:v1.34.10',
  kubernetesVersion: '1.34.10',
  nodes: 1,
  mounts: [],
  portMappings: [],
  containerdConfigPatches: [],
}

/** Writes a kubeconfig where it is told to, and says what kind says. */
const goodKind = [
  '#!/bin/sh',
  'while [ $# -gt 0 ]; do [ "$1" = --kubeconfig ] && path=$2; shift; done',
  'cat > "${0%/*}/input"',
  'echo " • Preparing nodes 📦   ..." >&2',
  'echo "server: https://127.0.0.1:36443" > "$path"',
].join('\n')

/** Says which process it is, and never ends by itself, nor by being asked to. */
const endlessKind = ['#!/bin/sh', "trap '' TERM INT", 'echo $$ > "${0%/*}/pid"', 'exec sleep 600'].join('\n')

let folder: string
let plugin: ChildProcess | undefined
let engine: grpc.Server | undefined
const logged: string[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'play-plugin-'))
  logged.length = 0
})

afterEach(async () => {
  const kind = Number(await readFile(join(folder, 'pid'), 'utf8').catch(() => '0'))
  if (kind > 0 && isAlive(kind)) process.kill(kind, 'SIGKILL')
  if (plugin?.exitCode === null && plugin.signalCode === null) {
    plugin.kill('SIGKILL')
    await once(plugin, 'exit')
  }
  engine?.forceShutdown()
  plugin = undefined
  engine = undefined
  await rm(folder, { recursive: true })
})

/** The engine's end: takes log lines. Answers its address. */
async function startEngine(): Promise<string> {
  const server = new grpc.Server()
  engine = server
  const unused = (_call: unknown, callback: grpc.sendUnaryData<empty.Empty>): void => {
    callback(null, new empty.Empty())
  }
  const handlers = Object.fromEntries(Object.keys(engineService.EngineService).map((name) => [name, unused]))
  server.addService(engineService.EngineService, {
    ...handlers,
    log(call: { request: LogRequest }, callback: grpc.sendUnaryData<empty.Empty>) {
      logged.push(`${call.request.getUrn()} ${call.request.getMessage()}`)
      callback(null, new empty.Empty())
    },
  })
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound)
      else reject(error)
    })
  })
  return `127.0.0.1:${String(port)}`
}

/** Starts the plug-in with a kind of that text, waits for its port and connects. */
async function start(
  kind: string,
  options: { readonly stdin?: 'pipe' | 'ignore'; readonly command?: readonly string[] } = {},
): Promise<{ client: providerService.ResourceProviderClient; process: ChildProcess }> {
  const path = join(folder, 'kind')
  await writeFile(path, kind)
  await chmod(path, 0o755)
  const address = await startEngine()
  const [file = '', ...args] = options.command ?? [process.execPath, entry]
  const env = { ...process.env, PLAY_KIND: path, PLAY_ENGINE: 'docker', TMPDIR: folder }
  const stdio: StdioOptions = [options.stdin ?? 'pipe', 'pipe', 'inherit']
  const child = spawn(file, [...args, address], { env, stdio })
  plugin = child
  const exited = once(child, 'exit').then(([code]) => {
    throw new Error(`the plug-in ended with ${String(code)} before it served`)
  })
  if (child.stdout === null) throw new Error('the plug-in has no output')
  const [port] = (await Promise.race([once(createInterface(child.stdout), 'line'), exited])) as [string]
  exited.catch(() => undefined)
  const client = new providerService.ResourceProviderClient(
    `127.0.0.1:${port}`,
    grpc.credentials.createInsecure(),
  )
  return { client, process: child }
}

function create(client: providerService.ResourceProviderClient): Promise<string> {
  const request = new providerMessages.CreateRequest()
  request.setUrn(urn)
  request.setProperties(struct.Struct.fromJavaScript(inputs))
  return new Promise((resolve, reject) => {
    client.create(request, (error: Error | null, response: { getId(): string } | undefined) => {
      if (error === null) resolve(response?.getId() ?? '')
      else reject(error)
    })
  })
}

function version(client: providerService.ResourceProviderClient): Promise<string> {
  return new Promise((resolve, reject) => {
    client.getPluginInfo(
      new empty.Empty(),
      (error: Error | null, response: { getVersion(): string } | undefined) => {
        if (error === null) resolve(response?.getVersion() ?? '')
        else reject(error)
      },
    )
  })
}

async function pidOfKind(): Promise<number> {
  for (;;) {
    const text = await readFile(join(folder, 'pid'), 'utf8').catch(() => '')
    if (text.endsWith('\n')) return Number(text)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Milliseconds until the process has ended. */
async function timeToEnd(child: ChildProcess, act: () => void): Promise<number> {
  const started = performance.now()
  const exit = once(child, 'exit')
  act()
  await exit
  return performance.now() - started
}

describe('the plug-in', () => {
  test('serves the engine: makes a cluster with kind and sends kind’s words to the engine’s log', async () => {
    const { client } = await start(goodKind)
    expect(await create(client)).toBe('play-dev')
    expect(JSON.parse(await readFile(join(folder, 'input'), 'utf8'))).toMatchObject({
      kind: 'Cluster',
      name: 'play-dev',
    })
    await expect.poll(() => logged).toEqual([`${urn} • Preparing nodes 📦   ...`])
    client.close()
  })

  test('ends within two seconds when its engine ends, and takes kind along', async () => {
    const { client, process: child } = await start(endlessKind)
    const creating = create(client).catch((error: unknown) => error)
    const kind = await pidOfKind()
    expect(await timeToEnd(child, () => child.stdin?.end())).toBeLessThan(2000)
    expect(await creating).toBeInstanceOf(Error)
    // Whoever inherits it may take a moment to notice that it is dead.
    await expect.poll(() => isAlive(kind), { timeout: 20_000 }).toBe(false)
    client.close()
  })

  test('ends within two seconds of the interrupt that an engine sends at its own end, and takes kind along', async () => {
    const { client, process: child } = await start(endlessKind)
    const creating = create(client).catch((error: unknown) => error)
    const kind = await pidOfKind()
    expect(await timeToEnd(child, () => child.kill('SIGINT'))).toBeLessThan(2000)
    expect(await creating).toBeInstanceOf(Error)
    // Whoever inherits it may take a moment to notice that it is dead.
    await expect.poll(() => isAlive(kind), { timeout: 20_000 }).toBe(false)
    client.close()
  })

  test.each([
    ['is /dev/null', { stdin: 'ignore' as const }],
    ['is closed', { command: ['/bin/sh', '-c', 'exec "$0" "$@" <&-', process.execPath, entry] }],
  ])('goes on serving where its standard input %s', async (_what, options) => {
    const { client } = await start(goodKind, options)
    expect(await version(client)).toBe('0.0.0')
    expect(await create(client)).toBe('play-dev')
    client.close()
  })
})
