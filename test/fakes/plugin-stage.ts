/** The plug-in as the engine starts it: a process of its own, its calls over gRPC, a scripted kind. */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
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

/** What the launcher runs, as source. */
export const pluginEntry = fileURLToPath(new URL('../../src/pulumi/provider/main.ts', import.meta.url))
/** The cluster's name in the engine's words. */
export const pluginUrn = 'urn:pulumi:dev::play::play:index:KindCluster::cluster'

const inputs = {
  name: 'play-dev',
  image: 'kindest/node:v1.34.10',
  kubernetesVersion: '1.34.10',
  nodes: 1,
  mounts: [],
  portMappings: [],
  containerdConfigPatches: [],
}

/** Writes a kubeconfig where it is told to, notes where that is and what it sees, and says what kind says. */
export const goodKind = [
  '#!/bin/sh',
  'echo "$*" >> "${0%/*}/calls"',
  '[ "$1" = create ] || exit 0',
  'while [ $# -gt 0 ]; do [ "$1" = --kubeconfig ] && path=$2; shift; done',
  'cat > "${0%/*}/input"',
  'env > "${0%/*}/env"',
  'echo "$path" > "${0%/*}/path"',
  'ls -ld "${path%/*}" "${path%/*/*}" > "${0%/*}/modes"',
  'echo " • Preparing nodes 📦   ..." >&2',
  'echo "server: https://127.0.0.1:36443" > "$path"',
].join('\n')

/** Says which process it is, and never ends by itself, nor by being asked to. */
export const endlessKind = [
  '#!/bin/sh',
  "trap '' TERM INT",
  'echo $$ > "${0%/*}/pid"',
  'exec sleep 600',
].join('\n')

/** Stands still with a client of the container engine at work, both deaf to signals. */
export const kindWithClient = [
  '#!/bin/sh',
  "trap '' TERM INT",
  `printf '#!/bin/sh\necho $$ > "\${0%%/*}/client"\nwhile :; do sleep 0.05; done\n' > "\${0%/*}/docker"`,
  'chmod +x "${0%/*}/docker"',
  '"${0%/*}/docker" run --name play-dev-control-plane &',
  'echo $$ > "${0%/*}/pid"',
  'while :; do sleep 0.05; done',
].join('\n')

/** Can do nothing right. */
export const brokenKind = [
  '#!/bin/sh',
  'echo "$1" >> "${0%/*}/calls"',
  'echo "ERROR: $1" >&2',
  'exit 1',
].join('\n')

/** How the plug-in is started. */
export interface PluginStart {
  readonly stdin?: 'pipe' | 'ignore'
  readonly command?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

type Client = providerService.ResourceProviderClient

/** What a test has at hand. */
export class PluginStage {
  readonly folder: string
  /** Folder of the playground that the plug-in is told of. */
  readonly playground: string
  /** Lines that the plug-in logged to the engine. */
  readonly logged: string[] = []
  private plugin: ChildProcess | undefined
  private engine: grpc.Server | undefined

  private constructor(folder: string) {
    this.folder = folder
    this.playground = join(folder, 'playground')
  }

  static async make(): Promise<PluginStage> {
    const stage = new PluginStage(await mkdtemp(join(tmpdir(), 'play-plugin-')))
    await mkdir(stage.playground)
    return stage
  }

  /** Starts the plug-in with a kind of that text, waits for its port and connects. */
  async start(kind: string, options: PluginStart = {}): Promise<{ client: Client; process: ChildProcess }> {
    const path = join(this.folder, 'kind')
    await writeFile(path, kind)
    await chmod(path, 0o755)
    const address = await this.startEngine()
    const [file = '', ...args] = options.command ?? [process.execPath, pluginEntry]
    const settings = { PLAY_KIND: path, PLAY_ENGINE: 'docker', PLAY_PLAYGROUND: this.playground }
    const env = { ...process.env, ...settings, TMPDIR: this.folder, ...options.env }
    const stdio: StdioOptions = [options.stdin ?? 'pipe', 'pipe', 'pipe']
    const child = spawn(file, [...args, address], { env, stdio })
    this.plugin = child
    if (child.stdout === null || child.stderr === null) throw new Error('the plug-in has no output')
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const exited = once(child, 'exit').then(([code]) => {
      throw new Error(`the plug-in ended with ${String(code)} before it served: ${said}`)
    })
    const [port] = (await Promise.race([once(createInterface(child.stdout), 'line'), exited])) as [string]
    exited.catch(() => undefined)
    return {
      client: new providerService.ResourceProviderClient(
        `127.0.0.1:${port}`,
        grpc.credentials.createInsecure(),
      ),
      process: child,
    }
  }

  /** Number that a process of the scripted kind wrote into that file. */
  async pidIn(name: string): Promise<number> {
    for (;;) {
      const text = await readFile(join(this.folder, name), 'utf8').catch(() => '')
      if (text.endsWith('\n')) return Number(text)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  /** Text of a file that kind left; empty without one. */
  left(name: string): Promise<string> {
    return readFile(join(this.folder, name), 'utf8').catch(() => '')
  }

  /** The notes of all plug-ins of the playground, such as `spawn kind create cluster`, in order. */
  async notes(): Promise<string[]> {
    const files = (await readdir(this.playground)).filter((name) => name.startsWith('plugin-'))
    const texts = await Promise.all(files.map((name) => readFile(join(this.playground, name), 'utf8')))
    return texts.flatMap((text) =>
      text.split('\n').flatMap((line) => {
        if (line === '') return []
        const record = JSON.parse(line.slice(17)) as Record<string, string>
        const about = record['purpose'] ?? record['step'] ?? ''
        return [`${record['kind'] ?? ''} ${about}`.trim()]
      }),
    )
  }

  async close(): Promise<void> {
    for (const name of ['pid', 'client']) {
      const pid = Number(await this.left(name))
      if (pid > 0 && isAlive(pid)) process.kill(pid, 'SIGKILL')
    }
    if (this.plugin?.exitCode === null && this.plugin.signalCode === null) {
      this.plugin.kill('SIGKILL')
      await once(this.plugin, 'exit')
    }
    this.engine?.forceShutdown()
    await rm(this.folder, { recursive: true })
  }

  /** The engine's end: takes log lines. Answers its address. */
  private async startEngine(): Promise<string> {
    const server = new grpc.Server()
    this.engine = server
    const { logged } = this
    const unused = (_call: unknown, callback: grpc.sendUnaryData<empty.Empty>): void => {
      callback(null, new empty.Empty())
    }
    const names = Object.keys(engineService.EngineService)
    server.addService(engineService.EngineService, {
      ...Object.fromEntries(names.map((name) => [name, unused])),
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
}

/** Has the plug-in make the cluster; answers its id. */
export function createCluster(client: Client): Promise<string> {
  const request = new providerMessages.CreateRequest()
  request.setUrn(pluginUrn)
  request.setProperties(struct.Struct.fromJavaScript(inputs))
  return new Promise((resolve, reject) => {
    client.create(request, (error: Error | null, response: { getId(): string } | undefined) => {
      if (error === null) resolve(response?.getId() ?? '')
      else reject(error)
    })
  })
}

/** Has the plug-in remove the cluster. */
export function deleteCluster(client: Client): Promise<void> {
  const request = new providerMessages.DeleteRequest()
  request.setUrn(pluginUrn)
  request.setId(inputs.name)
  request.setProperties(struct.Struct.fromJavaScript(inputs))
  return new Promise((resolve, reject) => {
    client.delete(request, (error: Error | null) => {
      if (error === null) resolve()
      else reject(error)
    })
  })
}

/** The version that the plug-in tells. */
export function pluginVersion(client: Client): Promise<string> {
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

/** True while a process of that number is there, a zombie included. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Milliseconds until the process has ended. */
export async function timeToEnd(child: ChildProcess, act: () => void): Promise<number> {
  const started = performance.now()
  const exit = once(child, 'exit')
  act()
  await exit
  return performance.now() - started
}
