import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { containersConfPath, podmanEnvironment } from '../../../src/adapters/containers-conf.ts'

let config: string
beforeEach(async () => {
  config = await mkdtemp(join(tmpdir(), 'play-config-'))
})
afterEach(async () => {
  await rm(config, { recursive: true })
})

describe("play's own settings for podman", () => {
  it('are used when they are there', async () => {
    await writeFile(containersConfPath(config), '')
    expect(podmanEnvironment(config, {})).toEqual({ CONTAINERS_CONF: join(config, 'containers.conf') })
  })

  it('are not named when they are not there', () => {
    expect(podmanEnvironment(config, {})).toEqual({})
  })

  it("give way to the user's own", async () => {
    await writeFile(containersConfPath(config), '')
    expect(podmanEnvironment(config, { CONTAINERS_CONF: '/mine' })).toEqual({})
  })
})
