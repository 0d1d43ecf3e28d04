import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPackageAssets } from '../../src/adapters/package-assets.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'play-package-'))
  await mkdir(join(root, 'assets', 'demos'), { recursive: true })
})
afterEach(async () => {
  await rm(root, { recursive: true })
})

describe('files shipped with the package', () => {
  it('are read by their path below assets', async () => {
    await writeFile(join(root, 'assets', 'demos', 'a.txt'), 'grüße\n')
    expect(await createPackageAssets(root).read('demos/a.txt')).toBe('grüße\n')
  })

  it('give the objects of a YAML file, without empty documents', async () => {
    await writeFile(join(root, 'assets', 'a.yaml'), 'kind: A\n---\n# nothing\n---\nkind: B\nspec: {n: 1}\n')
    expect(await createPackageAssets(root).objects('a.yaml')).toEqual([
      { kind: 'A' },
      { kind: 'B', spec: { n: 1 } },
    ])
  })

  it('are named when the package lacks them or when they are no YAML', async () => {
    await writeFile(join(root, 'assets', 'a.yaml'), 'a: [\n')
    const assets = createPackageAssets(root)
    await expect(assets.read('none.txt')).rejects.toMatchObject({
      id: 'BUG_UNEXPECTED',
      message: expect.stringContaining('none.txt') as string,
    })
    await expect(assets.objects('a.yaml')).rejects.toMatchObject({ id: 'BUG_UNEXPECTED' })
  })

  it('are never outside of assets', async () => {
    await writeFile(join(root, 'secret'), '')
    await symlink(join(root, 'secret'), join(root, 'assets', 'link'))
    const assets = createPackageAssets(root)
    for (const path of ['../secret', 'link', 'demos/../../secret']) {
      await expect(assets.read(path)).rejects.toThrow('leads out of the package')
    }
  })
})
