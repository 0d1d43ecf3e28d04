/** The watch loop on a scripted server: what is repaired, what is told, and when it gives up. */
import { describe, expect, it } from 'vitest'
import { ApiStatusError, ConnectionError } from '../../../src/adapters/kube/api-errors.ts'
import { watchObjects, type Listed } from '../../../src/adapters/kube/watch.ts'
import type { KubeObject } from '../../../src/domain/cluster.ts'
import type { WatchEvent } from '../../../src/domain/ports.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'

function object(name: string, revision: number, uid = name): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, uid, resourceVersion: String(revision) } }
}

function line(type: string, content: unknown): string {
  return JSON.stringify({ type, object: content })
}

function listed(revision: number, ...items: KubeObject[]): Listed {
  return { items, resourceVersion: String(revision) }
}

/** In an answer: more than a minute of silence. */
const later = 'later'

/** One answer to a watch request: lines, then the end or an error. */
type Answer = readonly (string | Error)[]

/**
 * Plays a server: each list and each watch takes the next entry of its script, and the last watch aborts. Answers what the
 * consumer saw, with the revisions that watches started from.
 */
async function play(script: {
  readonly lists: readonly (Listed | Error)[]
  readonly watches: readonly (Answer | Error)[]
}): Promise<{ seen: string[]; asked: string[]; clock: FakeClock }> {
  const clock = new FakeClock()
  const stop = new AbortController()
  const lists = [...script.lists]
  const watches = [...script.watches]
  const asked: string[] = []
  const source = {
    list: async (): Promise<Listed> => {
      asked.push('list')
      const next = lists.shift()
      if (next === undefined || next instanceof Error) throw next ?? new Error('no further list was expected')
      return await Promise.resolve(next)
    },
    open: async (revision: string): Promise<AsyncIterable<string>> => {
      asked.push(revision)
      const next = watches.shift()
      if (next instanceof Error) throw next
      if (next === undefined) stop.abort()
      return await Promise.resolve(answer(next ?? [], clock))
    },
  }
  const seen: string[] = []
  const watching = (async () => {
    const bounds = { clock, signal: stop.signal, patienceMs: 60_000 }
    for await (const event of watchObjects(source, bounds)) seen.push(wordsOf(event))
  })()
  await clock.run(watching)
  return { seen, asked, clock }
}

async function* answer(items: Answer, clock: FakeClock): AsyncGenerator<string> {
  for (const item of items) {
    await Promise.resolve()
    if (item instanceof Error) throw item
    if (item === later) await clock.sleep(70_000, new AbortController().signal)
    else yield item
  }
}

function wordsOf({ type, object: { metadata } }: WatchEvent): string {
  return `${type} ${metadata.name}@${metadata.resourceVersion ?? ''}`
}

const cut = new ConnectionError('broken', 'the connection was cut')

describe('a watch', () => {
  it('goes on from the last revision when the server ends it', async () => {
    const { seen, asked } = await play({
      lists: [listed(5, object('a', 3))],
      watches: [[line('MODIFIED', object('a', 6))], [line('ADDED', object('b', 7))]],
    })

    expect(seen).toEqual(['added a@3', 'modified a@6', 'added b@7'])
    expect(asked).toEqual(['list', '5', '6', '7'])
  })

  it('goes on from a bookmark, which nobody sees', async () => {
    const bookmark = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { resourceVersion: '90' } }
    const { seen, asked } = await play({ lists: [listed(5)], watches: [[line('BOOKMARK', bookmark)]] })

    expect(seen).toEqual([])
    expect(asked).toEqual(['list', '5', '90'])
  })

  it.each([
    ['a cut connection', cut],
    ['a silent connection', new ConnectionError('silent', 'no answer within 70 s')],
    ['a busy server', new ApiStatusError(429, 'busy', '', 100)],
    ['a server that starts', new ApiStatusError(503, 'starting')],
  ])('goes on after %s', async (_what, error) => {
    const { seen, asked } = await play({
      lists: [listed(5)],
      watches: [[line('ADDED', object('a', 6)), error], error, [line('DELETED', object('a', 8))]],
    })

    expect(seen).toEqual(['added a@6', 'deleted a@8'])
    expect(asked).toEqual(['list', '5', '6', '6', '8'])
  })

  it('goes on before a line that is broken', async () => {
    const { seen, asked } = await play({
      lists: [listed(5)],
      watches: [[line('ADDED', object('a', 6)), '{"type":"MODIF'], [line('MODIFIED', object('a', 7))]],
    })

    expect(seen).toEqual(['added a@6', 'modified a@7'])
    expect(asked).toEqual(['list', '5', '6', '7'])
  })

  it.each([
    'null',
    '[]',
    '{}',
    '{"type":"ADDED"}',
    '{"type":"ADDED","object":null}',
    '{"type":"NEW","object":{"metadata":{}}}',
  ])('lists anew when the same line stays broken: %s', async (broken) => {
    const { seen, asked } = await play({
      lists: [listed(5), listed(9, object('a', 9))],
      watches: [[broken], [broken], [broken], [broken]],
    })

    expect(seen).toEqual(['added a@9'])
    expect(asked).toEqual(['list', '5', '5', '5', '5', 'list', '9'])
  })

  it.each([
    [
      'as an event',
      [line('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' })],
    ],
    ['as the answer', new ApiStatusError(410, 'too old resource version', 'Expired')],
  ])('tells the differences after a gap that the server tells %s', async (_how, gap) => {
    const { seen, asked } = await play({
      lists: [
        listed(5, object('same', 1), object('changed', 2), object('gone', 3), object('replaced', 4, 'first')),
        listed(
          20,
          object('same', 1),
          object('changed', 15),
          object('replaced', 16, 'second'),
          object('new', 17),
        ),
      ],
      watches: [gap, [line('MODIFIED', object('new', 21))]],
    })

    expect(seen).toEqual([
      'added same@1',
      'added changed@2',
      'added gone@3',
      'added replaced@4',
      'deleted gone@3',
      'modified changed@15',
      'deleted replaced@4',
      'added replaced@16',
      'added new@17',
      'modified new@21',
    ])
    expect(asked).toEqual(['list', '5', 'list', '20', '21'])
  })

  it('waits for a kind that is not served yet', async () => {
    const { seen } = await play({
      lists: [
        new ApiStatusError(404, 'not found'),
        new ApiStatusError(404, 'not found'),
        listed(5, object('a', 3)),
      ],
      watches: [],
    })

    expect(seen).toEqual(['added a@3'])
  })

  it.each([
    ['refuses', new ApiStatusError(403, 'forbidden')],
    ['does not understand', new ApiStatusError(400, 'bad request')],
    ['is another one', new ConnectionError('wrong', 'its certificate is not trusted')],
  ])('ends with the error when the server %s', async (_what, error) => {
    await expect(play({ lists: [listed(5)], watches: [error] })).rejects.toBe(error)
    await expect(play({ lists: [error], watches: [] })).rejects.toBe(error)
  })

  it('gives up a minute after the server went away', async () => {
    const away = Array.from({ length: 1000 }, () => cut)

    await expect(play({ lists: [listed(5), ...away], watches: away })).rejects.toBe(cut)
  })

  it('does not give up on a connection that breaks after long silence', async () => {
    const { seen } = await play({
      lists: [listed(5)],
      watches: [
        [later, new ConnectionError('silent', 'no answer within 70 s')],
        [line('ADDED', object('a', 6))],
      ],
    })

    expect(seen).toEqual(['added a@6'])
  })

  it('does not storm a server that ends every watch at once', async () => {
    const { clock, asked } = await play({
      lists: [listed(5)],
      watches: Array.from({ length: 20 }, () => []),
    })

    expect(asked).toHaveLength(22)
    expect(clock.now() - new FakeClock().now()).toBeGreaterThan(10_000)
  })

  it('ends while it waits to try again', async () => {
    const stop = new AbortController()
    const source = {
      list: () => {
        setImmediate(() => {
          stop.abort()
        })
        return Promise.reject(cut)
      },
      open: () => Promise.reject(cut),
    }
    const bounds = { clock: new FakeClock(), signal: stop.signal, patienceMs: 60_000 }

    for await (const event of watchObjects(source, bounds)) expect(event).toBeUndefined()
  })
})
