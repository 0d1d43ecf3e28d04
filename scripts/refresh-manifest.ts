/** Writes oclif.manifest.json, oclif's cache of the command tree; `--check` only says whether it is fresh. */
import { Plugin } from '@oclif/core/config'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const root = join(import.meta.dirname, '..')
const path = join(root, 'oclif.manifest.json')

/** What the manifest of the built commands should be; the order of files on the disk leaves no trace. */
async function freshManifest(): Promise<string> {
  const plugin = new Plugin({ root, type: 'core', ignoreManifest: true, errorOnManifestCreate: true })
  await plugin.load()
  const { commands, version } = plugin.manifest
  const sorted = Object.fromEntries(Object.entries(commands).sort(([a], [b]) => (a < b ? -1 : 1)))
  return `${JSON.stringify({ commands: sorted, version }, undefined, 2)}\n`
}

function storedManifest(): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })
const fresh = await freshManifest()
if (!values.check) writeFileSync(path, fresh)
else if (storedManifest() !== fresh) {
  console.error('oclif.manifest.json is stale. Run: make manifest')
  process.exitCode = 1
}
