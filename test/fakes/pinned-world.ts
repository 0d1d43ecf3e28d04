/** The real pins with made-up files behind their addresses: same addresses and names, other content and sums. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parsePins, type PinnedFile, type Pins, type ToolPin } from '../../src/artifacts/pins.ts'
import { tarGz } from './tar-archive.ts'

/** The pins as they ship. */
export const shippedPins: Pins = parsePins(
  readFileSync(new URL('../../assets/versions.json', import.meta.url), 'utf8'),
)

export interface PinnedWorld {
  readonly pins: Pins
  /** Address to content, mirrors left out: they answer 404. */
  readonly internet: ReadonlyMap<string, Buffer>
}

/** What a downloaded program holds, so that a test can tell which one it got. */
export const programOf = (url: string): string => `#!program from ${url}`

const sum = (content: Buffer): string => createHash('sha256').update(content).digest('hex')

function manifestOf(url: string): string {
  const name = new URL(url).pathname.split('/').at(-1)?.replace('.yaml', '') ?? ''
  const object = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`
  return `${object}---\n---\n${object.replace(name, `${name}-2`)}`
}

function makeTool(tool: ToolPin, internet: Map<string, Buffer>): ToolPin {
  const downloads = Object.entries(tool.downloads).map(([platform, download]) => {
    const program = programOf(download.url)
    const members = [
      { name: 'pulumi/', type: '5' },
      { name: 'pulumi/pulumi-language-nodejs', content: 'not this one' },
      { name: 'pulumi/pulumi', content: program },
    ]
    const content = download.member === undefined ? Buffer.from(program) : tarGz(members)
    internet.set(download.url, content)
    if (download.checksumUrl === undefined) return [platform, { ...download, sha256: sum(content) }]
    internet.set(download.checksumUrl, Buffer.from(sum(content)))
    return [platform, download]
  })
  return { ...tool, downloads: Object.fromEntries(downloads) as ToolPin['downloads'] }
}

function makeFile(file: PinnedFile, internet: Map<string, Buffer>): PinnedFile {
  const content = Buffer.from(manifestOf(file.url))
  internet.set(file.url, content)
  return { url: file.url, sha256: sum(content) }
}

/** Makes such a world. */
export function pinnedWorld(): PinnedWorld {
  const internet = new Map<string, Buffer>()
  const { kind, pulumi, kubectl } = shippedPins.tools
  const manifests = Object.entries(shippedPins.manifests).map(([name, manifest]) => [
    name,
    { ...manifest, files: manifest.files.map((file) => makeFile(file, internet)) },
  ])
  const pins: Pins = {
    ...shippedPins,
    tools: {
      kind: makeTool(kind, internet),
      pulumi: makeTool(pulumi, internet),
      kubectl: makeTool(kubectl, internet),
    },
    manifests: Object.fromEntries(manifests) as Pins['manifests'],
  }
  return { pins, internet }
}
