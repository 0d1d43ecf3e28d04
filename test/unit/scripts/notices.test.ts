/** Which licences may be bundled, and what the notices say of each package. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isAllowed, noticesOf, packageFolders } from '../../../scripts/notices.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'notices-'))
})
afterEach(() => {
  rmSync(root, { recursive: true })
})

function givenPackage(name: string, license: unknown, text = ''): void {
  const folder = join(root, 'node_modules', name)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: '1.2.3', license }))
  if (text !== '') writeFileSync(join(folder, 'LICENSE'), text)
}

describe('the licences that may be bundled', () => {
  it.each(['MIT', '(MIT OR GPL-3.0)', '(BSD-3-Clause AND Apache-2.0)', 'ISC'])('include %s', (expression) => {
    expect(isAllowed(expression)).toBe(true)
  })

  it.each(['GPL-3.0', 'MIT AND GPL-3.0', 'UNLICENSED', 'none', ''])('exclude %j', (expression) => {
    expect(isAllowed(expression)).toBe(false)
  })
})

describe('the notices', () => {
  it('hold name, version, licence and text of each package once, and nothing of our own', () => {
    givenPackage('plain', 'MIT', 'Copyright Somebody')
    givenPackage('@scope/deep', { type: 'ISC' }, 'Copyright Another')
    const inputs = [
      'src/a.ts',
      'node_modules/plain/a.js',
      'node_modules/plain/b.js',
      'node_modules/@scope/deep/c.js',
    ]
    const text = noticesOf(inputs, root)
    expect(text.match(/plain 1\.2\.3\nLicence: MIT\n\nCopyright Somebody/g)).toHaveLength(1)
    expect(text).toContain('@scope/deep 1.2.3\nLicence: ISC\n\nCopyright Another')
    expect(text).not.toContain('src/a.ts')
  })

  it('are refused when a package has a licence that is not on the list, or none', () => {
    givenPackage('copyleft', 'GPL-3.0')
    givenPackage('nameless', undefined)
    expect(() => noticesOf(['node_modules/copyleft/a.js', 'node_modules/nameless/a.js'], root)).toThrow(
      /copyleft 1\.2\.3 \(GPL-3\.0\), nameless 1\.2\.3 \(none\)/,
    )
  })

  it('find the innermost package of a nested path', () => {
    expect(packageFolders(['node_modules/a/node_modules/@s/b/lib/c.js'])).toEqual([
      'node_modules/a/node_modules/@s/b',
    ])
  })
})
