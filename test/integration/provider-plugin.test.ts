/** The plug-in serves its engine and ends with it. */
import type { ChildProcess } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  createCluster,
  goodKind,
  isAlive,
  kindWithClient,
  pluginEntry,
  PluginStage,
  pluginUrn,
  pluginVersion,
  timeToEnd,
} from '../fakes/plugin-stage.ts'

let stage: PluginStage
beforeEach(async () => {
  stage = await PluginStage.make()
})
afterEach(() => stage.close())

describe('the plug-in', () => {
  test('serves the engine: makes a cluster with kind and sends kind’s words to the engine’s log', async () => {
    const { client } = await stage.start(goodKind)
    expect(await createCluster(client)).toBe('play-dev')
    expect(JSON.parse(await readFile(join(stage.folder, 'input'), 'utf8'))).toMatchObject({
      kind: 'Cluster',
      name: 'play-dev',
    })
    await expect.poll(() => stage.logged).toEqual([`${pluginUrn} • Preparing nodes 📦   ...`])
    client.close()
  })

  test.each([
    ['when its engine ends', (child: ChildProcess) => child.stdin?.end()],
    ['of the interrupt that an engine sends at its own end', (child: ChildProcess) => child.kill('SIGINT')],
    ['when it is asked to end', (child: ChildProcess) => child.kill('SIGTERM')],
  ])(
    '[row 53] ends within two seconds %s, and takes kind and its clients of the container engine along',
    async (_when, act) => {
      const { client, process: child } = await stage.start(kindWithClient)
      const creating = createCluster(client).catch((error: unknown) => error)
      const pids = [await stage.pidIn('pid'), await stage.pidIn('client')]
      expect(await timeToEnd(child, () => act(child))).toBeLessThan(2000)
      expect(await creating).toBeInstanceOf(Error)
      // Whoever inherits them may take a moment to notice that they are dead.
      for (const pid of pids) await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false)
      client.close()
    },
  )

  test.each([
    ['is /dev/null', { stdin: 'ignore' as const }],
    ['is closed', { command: ['/bin/sh', '-c', 'exec "$0" "$@" <&-', process.execPath, pluginEntry] }],
  ])('goes on serving where its standard input %s', async (_what, options) => {
    const { client } = await stage.start(goodKind, options)
    expect(await pluginVersion(client)).toBe('0.0.0')
    expect(await createCluster(client)).toBe('play-dev')
    client.close()
  })
})
