/** The reference in docs/ says what the program says. */
import { describe, expect, it } from 'vitest'
import { exitCodes } from '../../../src/domain/catalog-entry.ts'
import { errorCatalog } from '../../../src/domain/error-catalog.ts'
import { generateReference, storedPage } from '../../../scripts/generate-reference.ts'

const pages = await generateReference()

describe('the reference', () => {
  it.each([...pages])('%s is fresh (node scripts/generate-reference.ts writes it)', (name, text) => {
    expect(storedPage(name)).toBe(text)
  })

  it('tells every error and every exit code', () => {
    for (const id of Object.keys(errorCatalog)) expect(pages.get('errors.md')).toContain(`### ${id}\n`)
    for (const code of Object.values(exitCodes))
      expect(pages.get('exit-codes.md')).toContain(`\n| ${String(code)} `)
  })

  it('names what differs in a message and gives the advice of every case', () => {
    expect(pages.get('errors.md')).toContain('There is no playground "{name}"')
    expect(pages.get('errors.md')).toContain('{neededGiB} GiB needed')
    expect(pages.get('errors.md')).toMatch(/podman is installed[^`]*\$ podman info/)
  })
})
