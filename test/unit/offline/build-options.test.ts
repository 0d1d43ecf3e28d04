// The command line, the host checks and the places of the kit.
import { describe, expect, it } from 'vitest'
import { buildFolders } from '../../../offline/build-folders.ts'
import { parseBuildOptions } from '../../../offline/build-options.ts'
import { mirrorIn } from '../../../offline/debian-rootfs.ts'
import { goNumbers, isNewEnoughGo, neededGigabytes } from '../../../offline/host-checks.ts'

describe('the command line', () => {
  it('builds the core by default', () => {
    expect(parseBuildOptions([])).toMatchObject({
      profile: 'core',
      json: false,
      verify: false,
      keepBuildCaches: false,
    })
  })

  it('takes a budget in minutes', () => {
    expect(parseBuildOptions(['--profile', 'full', '--budget-minutes', '60'])).toMatchObject({
      profile: 'full',
      budgetMinutes: 60,
    })
  })

  it.each([
    [['--profile', 'huge'], /no profile "huge"/],
    [['--budget-minutes', 'soon'], /number of minutes/],
    [['--budget-minutes', ''], /number of minutes/],
    [['--colour'], /--colour/],
  ])('refuses %j', (args, expected) => {
    expect(() => parseBuildOptions(args)).toThrow(expected)
  })
})

describe('the places', () => {
  it('are under the cache folder that is set, if it is absolute', () => {
    expect(buildFolders({ XDG_CACHE_HOME: '/c' }).bundles).toBe('/c/play/bundles')
    expect(buildFolders({ XDG_CACHE_HOME: 'c' }).bundles).not.toMatch(/^c/)
  })
})

describe('the checks of the host', () => {
  it.each([
    ['go version go1.26.3 linux/amd64', true],
    ['go version go1.26.2 linux/amd64', false],
    ['go version go1.27 linux/amd64', true],
    ['go version go2.0.1 linux/amd64', true],
    ['go version go1.9.9 linux/amd64', false],
  ])('say of %j that it is new enough: %s', (line, expected) => {
    expect(isNewEnoughGo(goNumbers(line) ?? [])).toBe(expected)
  })

  it('need no disk when nothing is missing', () => {
    expect(neededGigabytes([])).toBe(0)
  })

  it('find the Debian archive in both styles of source files', () => {
    expect(mirrorIn('# deb http://x/debian\ndeb [arch=amd64] http://deb.example/debian bookworm main')).toBe(
      'http://deb.example/debian',
    )
    expect(
      mirrorIn('Types: deb\nURIs: http://deb.example/debian-security\n\nURIs: http://deb.example/debian/\n'),
    ).toBe('http://deb.example/debian/')
    expect(mirrorIn('deb https://other.example/apt stable main')).toBeUndefined()
  })
})
