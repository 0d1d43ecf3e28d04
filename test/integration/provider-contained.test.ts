/** Nothing that the plug-in starts outlives it unseen, and nothing is done for a play that is gone. */
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { listPlaygroundProcesses } from '../../src/adapters/process-listing.ts'
import {
  brokenKind,
  createCluster,
  deleteCluster,
  endlessKind,
  goodKind,
  kindWithClient,
  PluginStage,
  timeToEnd,
} from '../fakes/plugin-stage.ts'
import { TableStage } from '../fakes/table-stage.ts'

let stage: PluginStage
beforeEach(async () => {
  stage = await PluginStage.make()
})
afterEach(() => stage.close())

describe('the plug-in’s segment', () => {
  test('[row 53] names the plug-in before it serves and kind before it starts, and goes with an orderly end', async () => {
    const { client, process: child } = await stage.start(goodKind)
    expect(await stage.notes()).toEqual(['spawn pulumi-resource-play'])
    expect(await createCluster(client)).toBe('play-dev')
    // A kind that ends at once may be gone before its number can be noted, and then needs no note.
    const noted = (await stage.notes()).filter((each) => /^(intent|settle)/.test(each))
    expect(noted).toEqual(['intent kind create cluster', 'settle kind create cluster'])
    await timeToEnd(child, () => child.kill('SIGINT'))
    expect(await stage.notes()).toEqual([])
    client.close()
  })

  test('[row 53] stays when the plug-in ended with kind at work', async () => {
    const { client, process: child } = await stage.start(endlessKind)
    const creating = createCluster(client).catch((error: unknown) => error)
    await stage.pidIn('pid')
    await expect.poll(() => stage.notes()).toContain('spawn kind create cluster')
    await timeToEnd(child, () => child.stdin?.end())
    expect((await stage.notes()).at(-1)).toBe('spawn kind create cluster')
    await creating
    client.close()
  })

  test('[row 4] that cannot be written keeps the plug-in from serving', async () => {
    await rm(stage.playground, { recursive: true })
    await expect(stage.start(goodKind)).rejects.toThrow(/before it served:[^]*it is not there/)
  })
})

describe('kind', () => {
  test('[row 36] is told of the playground, and works in private folders below it', async () => {
    const temporary = join(stage.playground, 'tmp')
    const { client } = await stage.start(goodKind, { env: { PLAY_TMP: temporary } })
    await createCluster(client)
    expect(await stage.left('env')).toContain(`PLAY_PLAYGROUND=${stage.playground}\n`)
    expect(await stage.left('path')).toMatch(new RegExp(`^${temporary}/play-kind-\\w+/kubeconfig$`, 'm'))
    expect((await stage.left('modes')).match(/^\S+/gm)).toEqual(['drwx------', 'drwx------'])
    expect(await readdir(temporary)).toEqual([])
    client.close()
  })

  test.skipIf(listPlaygroundProcesses() === undefined)(
    '[row 53] outlives a plug-in that is killed, and is found and ended with its clients by whoever comes next',
    async () => {
      const { client, process: child } = await stage.start(kindWithClient)
      const creating = createCluster(client).catch((error: unknown) => error)
      const [kind, docker] = [await stage.pidIn('pid'), await stage.pidIn('client')]
      await timeToEnd(child, () => child.kill('SIGKILL'))
      await creating
      client.close()
      const { table, close } = await tableOf()
      const found = await table.find(stage.playground)
      expect(found.map(({ pid }) => pid).sort()).toEqual([kind, docker].sort())
      await table.end(found, { graceMs: 1000, signal: new AbortController().signal })
      expect(await table.find(stage.playground)).toEqual([])
      await close()
    },
  )
})

async function tableOf(): Promise<{ table: TableStage['table']; close: () => Promise<void> }> {
  const other = await TableStage.make()
  return { table: other.table, close: () => other.close() }
}

describe('a plug-in that outlived its play', () => {
  test('[row 53] makes and removes nothing more', async () => {
    const lock = join(stage.folder, '.dev.lock')
    await writeFile(lock, JSON.stringify({ pid: 1, epoch: 'ours' }))
    const { client } = await stage.start(goodKind, { env: { PLAY_LOCK: lock, PLAY_EPOCH: 'ours' } })
    await createCluster(client)
    await deleteCluster(client)
    const done = (await stage.left('calls')).split('\n').length
    for (const text of [JSON.stringify({ pid: 1, epoch: 'theirs' }), '{"pid": 1, "ep', 'null', undefined]) {
      await (text === undefined ? rm(lock) : writeFile(lock, text))
      await expect(createCluster(client), text ?? 'no lock').rejects.toThrow('nothing was done')
      await expect(deleteCluster(client), text ?? 'no lock').rejects.toThrow('nothing was done')
    }
    expect((await stage.left('calls')).split('\n')).toHaveLength(done)
    client.close()
  })
})

test('[row 42] a creation that failed and could not be cleaned up tells the engine the id of what it left', async () => {
  const { client } = await stage.start(brokenKind)
  const error = await createCluster(client).catch((each: unknown) => each as { metadata: unknown })
  const { metadata } = error as { metadata: { get(name: string): Buffer[] } }
  const [details] = metadata.get('grpc-status-details-bin')
  expect(details?.toString('latin1')).toContain('pulumirpc.ErrorResourceInitFailed')
  expect(details?.toString('latin1')).toContain('play-dev')
  client.close()
})
