import { describe, expect, test } from 'vitest'
import { clusterRegistry, plainHttpHost, registryOf } from '../../../src/domain/registry-slot.ts'
import { parseRegistryUrl } from '../../../src/domain/registry-url.ts'

describe('the address of a registry', () => {
  test.each([
    ['https://ghcr.io/me', 'https://ghcr.io/me'],
    ['ghcr.io/me/', 'https://ghcr.io/me'],
    ['GHCR.io', 'https://ghcr.io'],
    ['registry:5000', 'https://registry:5000'],
    ['10.89.0.1:5000/x', 'https://10.89.0.1:5000/x'],
    ['http://10.89.0.1:5000/x', 'http://10.89.0.1:5000/x'],
    ['http://10.89.0.1:80', 'http://10.89.0.1'],
    ['europe-docker.pkg.dev/my-project/a_b/c.d', 'https://europe-docker.pkg.dev/my-project/a_b/c.d'],
  ])('may be %s', (text, url) => {
    expect(parseRegistryUrl(text)).toBe(url)
  })

  test.each(['https://me:hunter2@ghcr.io/me', 'hunter2@ghcr.io', 'ghcr.io/me?token=hunter2', 'a b@hunter2'])(
    'is refused, unsaid, with a secret in it',
    (text) => {
      expect(() => parseRegistryUrl(text)).toThrow(
        expect.objectContaining({ id: 'USAGE_INVALID', exitCode: 2 }) as Error,
      )
      expect(() => parseRegistryUrl(text)).toThrow('--registry-credentials FILE')
      expect(() => parseRegistryUrl(text)).not.toThrow('hunter2')
    },
  )

  test.each([
    '',
    'ghcr',
    'me/images',
    'ftp://ghcr.io/me',
    'file:///srv/images',
    'ghcr.io/Me',
    'ghcr.io//me',
    'ghcr.io/me:1',
    'ghcr.io/a b',
    'https://[fd00::1]:5000/x',
    'registry.example.org"]:5000',
  ])('is not %j', (text) => {
    expect(() => parseRegistryUrl(text)).toThrow('is no address of a registry')
  })

  test.each([
    'localhost:5000',
    'http://localhost/x',
    'http://127.0.0.1:5000',
    'a.localhost:5000',
    '0.0.0.0:1',
  ])('is not %s, which is something else for a pod', (text) => {
    expect(() => parseRegistryUrl(text)).toThrow('something else for a pod')
  })
})

describe('the registry of a playground', () => {
  test('is the one in the cluster where the component is there, and none without', () => {
    expect(registryOf({ components: ['registry', 'buildkit'] })).toBe(clusterRegistry)
    expect(registryOf({ components: ['git'] })).toBeUndefined()
  })

  test('is the person’s own where there is one, under the name that images have', () => {
    expect(registryOf({ components: ['registry'], registry: { url: 'https://ghcr.io/me' } })).toEqual({
      pushAddress: 'ghcr.io/me',
      pullAddress: 'ghcr.io/me',
      plainHttp: false,
    })
    const registry = { url: 'http://10.0.0.1:5000/x', credentials: '/home/me/config.json' }
    expect(registryOf({ components: [], registry })).toEqual({
      pushAddress: '10.0.0.1:5000/x',
      pullAddress: '10.0.0.1:5000/x',
      plainHttp: true,
      credentials: { namespace: 'buildkit', name: 'play-registry' },
    })
  })

  test.each([
    ['http://10.0.0.1:5000/x', '10.0.0.1:5000'],
    ['http://registry.lan', 'registry.lan'],
    ['https://10.0.0.1:5000', undefined],
    [undefined, undefined],
  ])('%s is for nodes to know as %s', (url, host) => {
    expect(plainHttpHost(url)).toBe(host)
  })
})
