/** What every implementation of the slot `pipelines` promises, held against a stand-in here and against a cluster in e2e. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PipelineRun, Pipelines, PipelineState } from '../../src/domain/pipelines.ts'
import type { ClusterClient } from '../../src/domain/ports.ts'
import { pipelineNamespace, pipelineObject, type Story } from './pipeline-objects.ts'

/** An implementation and a cluster in which it works, with the namespace and the account of the hello demo. */
export interface PipelinesWorld {
  readonly pipelines: Pipelines
  readonly client: ClusterClient
  /** Deletes a run as a person with kubectl would. */
  remove(run: PipelineRun): Promise<void>
  end(): Promise<void>
}

/** All that was told of a run. */
interface Told {
  readonly states: readonly PipelineState[]
  readonly last: PipelineState
  /** Lines by the name of the step. */
  readonly lines: Readonly<Record<string, readonly string[]>>
  readonly troubles: readonly unknown[]
}

const finals = ['succeeded', 'failed', 'stopped']

/** Declares the tests. `timeoutMs` is the patience with one of them. */
export function pipelinesContract(name: string, open: () => Promise<PipelinesWorld>, timeoutMs = 5000): void {
  describe(`${name} keeps the contract of pipelines:`, { timeout: timeoutMs }, () => {
    let world: PipelinesWorld
    let stop: AbortController
    let submitted: PipelineRun[]

    beforeEach(async () => {
      world = await open()
      stop = new AbortController()
      submitted = []
    })
    afterEach(async () => {
      stop.abort()
      for (const run of submitted) await world.remove(run)
      await world.end()
    })

    const submit = async (
      story: Story,
      values: Readonly<Record<string, string>> = {},
    ): Promise<PipelineRun> => {
      const object = pipelineObject(world.pipelines.dialect, story)
      const run = await world.pipelines.submit(world.client, object, values, stop.signal)
      submitted.push(run)
      return run
    }

    /** Follows to the end; `onLine` is told each line as it comes. */
    const follow = async (run: PipelineRun, onLine?: (line: string) => Promise<void>): Promise<Told> => {
      const { pipelines, client } = world
      const { signal } = stop
      const lines: Record<string, string[]> = {}
      const streams = new Map<string, Promise<void>>()
      const states: PipelineState[] = []
      const troubles: unknown[] = []
      const options = { signal, onTrouble: (error: unknown) => troubles.push(error) }
      for await (const state of pipelines.observe(client, run, options)) {
        states.push(state)
        for (const pod of state.pods.filter((each) => each.hasStarted && !streams.has(each.name))) {
          const read = async (): Promise<void> => {
            const of = (lines[pod.step] ??= [])
            for await (const line of pipelines.logs(client, run, pod, signal)) {
              of.push(line)
              await onLine?.(line)
            }
          }
          const stream = read()
          // A run that is deleted takes its logs along.
          stream.catch(() => undefined)
          streams.set(pod.name, stream)
        }
      }
      await Promise.all(streams.values())
      const last = states.at(-1)
      if (last === undefined) throw new Error('nothing was told of the run')
      return { states, last, lines, troubles }
    }

    test('a run is told from the first moment to its end, step by step', async () => {
      const run = await submit('succeeds', { message: 'good morning' })
      expect(run).toMatchObject({ namespace: pipelineNamespace, name: expect.stringMatching(/./) as string })

      const { states, last, lines, troubles } = await follow(run)

      expect(finals).not.toContain(states[0]?.phase)
      expect(last).toMatchObject({ phase: 'succeeded', message: '' })
      expect(states.slice(0, -1).filter(({ phase }) => finals.includes(phase))).toEqual([])
      for (const { steps } of states)
        expect(steps.map(({ name: step, after }) => [step, after])).toEqual([
          ['first', []],
          ['second', ['first']],
        ])
      expect(last.steps.map(({ phase }) => phase)).toEqual(['succeeded', 'succeeded'])
      expect(lines).toEqual({ first: ['good morning', 'two'], second: ['three'] })
      expect(troubles).toEqual([])
    })

    test('a run has been seen waiting for its pods, and running', async () => {
      const { states, last } = await follow(await submit('succeeds'))

      expect(states.map(({ phase }) => phase)).toContain('running')
      expect(states.some(({ steps }) => steps[1]?.phase === 'waiting')).toBe(true)
      expect(last.steps.map(({ pod }) => pod)).toEqual(last.pods.map((pod) => pod.name))
      expect(last.pods.map(({ step }) => step)).toEqual(['first', 'second'])
      // A pod may be told to have ended a moment after its step.
      for (const { startedAt = '', finishedAt = '' } of last.steps)
        expect(Date.parse(finishedAt)).toBeGreaterThanOrEqual(Date.parse(startedAt))
    })

    test('parameters that are not named keep the value of the object', async () => {
      const { lines } = await follow(await submit('succeeds'))
      expect(lines['first']?.[0]).toBe('hello')
    })

    test('runs of the same pipeline have names of their own', async () => {
      const [one, other] = [await submit('succeeds'), await submit('succeeds')]
      expect(one.name).not.toBe(other.name)
    })

    test('a step that fails is told with its message and its log, and what waits for it is skipped', async () => {
      const { last, lines } = await follow(await submit('fails', { message: 'oh no' }))

      expect(last.phase).toBe('failed')
      const [first, second] = last.steps
      expect(first).toMatchObject({ name: 'first', phase: 'failed' })
      expect(first?.message).toMatch(/\b3\b/)
      expect(last.message).toBe(first?.message)
      expect(second).toMatchObject({ name: 'second', phase: 'skipped' })
      expect(lines).toEqual({ first: ['oh no'] })
    })

    test('a run that is stopped ends as stopped', async () => {
      const run = await submit('hangs')
      const { last, lines } = await follow(run, () => world.pipelines.stop(world.client, run, stop.signal))

      expect(last.phase).toBe('stopped')
      expect(last.message).not.toBe('')
      expect(last.steps.map(({ phase }) => phase)).toEqual(['stopped', 'skipped'])
      expect(lines).toEqual({ first: ['hello'] })
    })

    test('a run that was over before anybody looked is told all the same', async () => {
      const run = await submit('succeeds')
      await follow(run)
      const { states, lines } = await follow(run)
      expect(states.map(({ phase }) => phase)).toEqual(['succeeded'])
      expect(lines).toEqual({ first: ['hello', 'two'], second: ['three'] })
    })

    test('a run that is deleted meanwhile is no run any more', async () => {
      const run = await submit('hangs')
      const followed = follow(run, () => world.remove(run))
      await expect(followed).rejects.toMatchObject({ id: 'PIPELINE_GONE' })
      await expect(follow(run)).rejects.toMatchObject({ id: 'PIPELINE_GONE' })
    })

    test('observing stops with the reason it was given', async () => {
      const run = await submit('hangs')
      const reason = new Error('enough')
      const options = { signal: stop.signal, onTrouble: () => undefined }
      const observe = async (): Promise<void> => {
        for await (const { phase } of world.pipelines.observe(world.client, run, options))
          if (phase === 'running') stop.abort(reason)
      }
      await expect(observe()).rejects.toBe(reason)
    })
  })
}
