/** What every implementation of the slot `infrastructure` promises, held against a cluster in e2e. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DeclarationState, Infrastructure } from '../../src/domain/infrastructure.ts'
import type { ClusterClient } from '../../src/domain/ports.ts'

/** An implementation, a cluster with it, and programs in its language. */
export interface InfrastructureWorld {
  readonly infrastructure: Infrastructure
  readonly client: ClusterClient
  /** A program that makes one thing and answers `text` as its output `said`. */
  making(text: string): Readonly<Record<string, unknown>>
  /** A program that cannot succeed. */
  readonly failing: Readonly<Record<string, unknown>>
  /** How many things the program of that name has made that are there now, looked at from outside. */
  made(name: string): Promise<number>
  end(): Promise<void>
}

/** Declares the tests, which build upon one another. `timeoutMs` is the patience with one of them. */
export function infrastructureContract(
  name: string,
  open: () => Promise<InfrastructureWorld>,
  timeoutMs = 180_000,
): void {
  describe(`${name} keeps the contract of infrastructure:`, { timeout: timeoutMs }, () => {
    let world: InfrastructureWorld
    const signal = AbortSignal.timeout(10 * timeoutMs)

    beforeAll(async () => {
      world = await open()
    }, timeoutMs)
    afterAll(() => world.end(), timeoutMs)

    const declare = async (id: string, program: Readonly<Record<string, unknown>>): Promise<void> => {
      for (const object of world.infrastructure.objects({ name: id, program }))
        await world.client.apply(object, signal)
    }
    const remove = async (id: string): Promise<void> => {
      // What makes it goes first: the program may still be needed to undo it.
      for (const { apiVersion, kind, metadata } of world.infrastructure
        .objects({ name: id, program: {} })
        .toReversed()) {
        const { name: object, namespace = '' } = metadata
        await world.client.delete({ apiVersion, kind, namespace, name: object }, signal)
      }
    }
    const until = async (
      id: string,
      holds: (state: DeclarationState) => boolean,
    ): Promise<DeclarationState> => {
      for await (const state of world.infrastructure.observe(world.client, id, signal))
        if (holds(state)) return state
      throw new Error('the watch ended')
    }
    const first = 'contract-one'
    const second = 'contract-two'

    test('what is not declared is absent', async () => {
      expect(await until('contract-none', () => true)).toMatchObject({ phase: 'absent', outputs: {} })
    })

    test('a program that is declared runs, and what it answers is told', async () => {
      await declare(first, world.making('hello'))
      const { outputs } = await until(first, ({ phase }) => phase === 'succeeded')
      expect(outputs).toEqual({ said: 'hello' })
      expect(await world.made(first)).toBe(1)
    })

    test('a changed program runs again', async () => {
      await declare(first, world.making('good-bye'))
      const { phase } = await until(first, ({ outputs }) => outputs['said'] === 'good-bye')
      expect(phase).not.toBe('failed')
      expect(await world.made(first)).toBe(1)
    })

    test('a program that fails has failed, and says why', async () => {
      await declare(second, world.failing)
      const { message } = await until(second, ({ phase }) => phase === 'failed')
      expect(message).not.toBe('')
    })

    test('what is deleted is absent only when nothing that it made is left', async () => {
      await until(first, ({ phase }) => phase === 'succeeded')
      await Promise.all([remove(first), remove(second)])
      await until(first, ({ phase }) => phase === 'absent')
      expect(await world.made(first)).toBe(0)
    })
  })
}
