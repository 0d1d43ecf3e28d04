/** What really listens while a stack runs and a port is forwarded, as the system's own tables tell. */
import { readdir, readFile, readlink } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { useStackStage } from '../fakes/stack-stage.ts'
import { useStandIn } from '../fakes/use-stand-in.ts'

const isLinux = process.platform === 'linux'

/** Addresses on which this process listens, as /proc/net/tcp and tcp6 write them: 0100007F is 127.0.0.1. */
async function listeners(): Promise<string[]> {
  const open = await readdir('/proc/self/fd')
  const links = await Promise.all(open.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')))
  const own = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []))
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/self/net/${name}`, 'utf8')))
  return tables.flatMap((table) =>
    table.split('\n').flatMap((line) => {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/)
      return state === '0A' && own.has(inode) ? [local.split(':')[0] ?? ''] : []
    }),
  )
}

const stack = useStackStage()
const kube = useStandIn()

describe.runIf(isLinux)('[row 38] play listens on this machine’s own address only', () => {
  test('while Pulumi’s engine runs', async () => {
    const before = await listeners()
    let during: string[] = []
    await stack.stage.up(stack.stage.runner({ up: [{ program: true }] }), async () => {
      during = await listeners()
    })
    expect(during.length).toBeGreaterThan(before.length)
    expect(during.filter((address) => address !== '0100007F')).toEqual(
      before.filter((one) => one !== '0100007F'),
    )
  })

  test('while a port is forwarded', async () => {
    const stop = new AbortController()
    const before = (await listeners()).length
    const target = { namespace: 'default', pod: 'web', port: 80 }
    const { closed } = await kube.client.forward(target, stop.signal)
    const now = await listeners()
    expect(now.length).toBe(before + 1)
    expect(now.filter((address) => address !== '0100007F')).toEqual([])
    stop.abort()
    await closed
  })
})
