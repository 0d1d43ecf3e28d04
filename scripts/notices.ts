/** Licences of the packages that the bundle carries: the text of THIRD_PARTY_NOTICES.txt, or a refusal. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** What may be bundled into an Apache-2.0 program; all of these ask for their notice and no more. */
const allowedLicences = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Python-2.0',
  'Unlicense',
])

/** Where package.json only points at the LICENSE file: what that file was read to be. */
const licencesRead: Readonly<Record<string, string>> = { '@logdna/tail-file': 'MIT' }

/** What a package's own package.json says. */
interface Manifest {
  readonly name?: string
  readonly version?: string
  readonly license?: string | { readonly type?: string }
  readonly licenses?: readonly { readonly type?: string }[]
}

/** True for an SPDX expression that can be satisfied with allowed licences alone: one side of OR, both of AND. */
export function isAllowed(expression: string): boolean {
  const bare = expression.replace(/[()]/g, ' ').trim()
  return bare
    .split(/\s+OR\s+/)
    .some((choice) => choice.split(/\s+AND\s+/).every((licence) => allowedLicences.has(licence.trim())))
}

/** Folders of the packages that the bundled files belong to, each once. `inputs` are paths as in esbuild's metafile. */
export function packageFolders(inputs: readonly string[]): string[] {
  const folders = inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? [])
  return [...new Set(folders)].sort()
}

function licenceOf(manifest: Manifest): string {
  const { license, licenses, name = '' } = manifest
  const read = licencesRead[name]
  if (read !== undefined) return read
  if (typeof license === 'string') return license
  return license?.type ?? licenses?.map((one) => one.type ?? '').join(' OR ') ?? 'none'
}

function textsOf(folder: string): string {
  return readdirSync(folder)
    .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8').trim())
    .join('\n\n')
}

/** The notices for a bundle of these inputs. Throws an Error that names every package with a licence not allowed. */
export function noticesOf(inputs: readonly string[], root: string): string {
  const packages = packageFolders(inputs)
    .map((folder) => resolve(root, folder))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => {
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
      const title = `${manifest.name ?? folder} ${manifest.version ?? ''}`.trim()
      return { title, licence: licenceOf(manifest), text: textsOf(folder) }
    })
  const refused = packages.filter(({ licence }) => !isAllowed(licence))
  if (refused.length > 0)
    throw new Error(
      `not on the list of licences in scripts/notices.ts: ${refused.map((one) => `${one.title} (${one.licence})`).join(', ')}`,
    )
  const sections = packages.map(({ title, licence, text }) =>
    `${title}\nLicence: ${licence}\n\n${text}`.trim(),
  )
  const rule = `\n\n${'-'.repeat(80)}\n\n`
  return `play carries the packages below.${rule}${sections.join(rule)}\n`
}
