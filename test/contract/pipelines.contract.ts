/** What every implementation of the slot `pipelines` promises, held against a stand-in here and against a cluster in e2e. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PipelineProgram, PipelineRun, Pipelines, PipelineState } from '../../src/domain/pipelines.ts'
import type { ClusterClient } from '../../src/domain/ports.ts'
import type { KubeObject } from '../../src/domain/cluster.ts'
import { containerSetObject, pipelineNamespace, pipelineObject, type Story } from './pipeline-objects.ts'

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

/** What the tests of one describe block work with. */
interface Stage {
  world: PipelinesWorld
  stop: AbortController
  readonly submitted: PipelineRun[]
}

function openStage(open: () => Promise<PipelinesWorld>): Stage {
  const stage = { submitted: [] } as unknown as Stage
  beforeEach(async () => {
    stage.world = await open()
    stage.stop = new AbortController()
    stage.submitted.length = 0
  })
  afterEach(async () => {
    stage.stop.abort()
    for (const run of stage.submitted) await stage.world.remove(run)
    await stage.world.end()
  })
  return stage
}

async function submitTo(
  { world, stop, submitted }: Stage,
  object: KubeObject,
  values: Readonly<Record<string, string>> = {},
): Promise<PipelineRun> {
  const run = await world.pipelines.submit(world.client, object, values, stop.signal)
  submitted.push(run)
  return run
}

/** Follows to the end; `onLine` is told each line as it comes. */
async function followOn(
  { world: { pipelines, client }, stop: { signal } }: Stage,
  run: PipelineRun,
  onLine?: (line: string) => Promise<void>,
): Promise<Told> {
  const lines: Record<string, string[]> = {}
  const streams = new Map<string, Promise<void>>()
  const states: PipelineState[] = []
  const troubles: unknown[] = []
  const read = async (pod: string, { container, step }: PipelineProgram): Promise<void> => {
    const of = (lines[step] ??= [])
    for await (const line of pipelines.logs(client, run, { pod, container }, signal)) {
      of.push(line)
      await onLine?.(line)
    }
  }
  const options = { signal, onTrouble: (error: unknown) => troubles.push(error) }
  for await (const state of pipelines.observe(client, run, options)) {
    states.push(state)
    for (const { name: pod, programs } of state.pods)
      for (const program of programs.filter(({ hasStarted }) => hasStarted)) {
        const key = `${pod}/${program.container}`
        if (streams.has(key)) continue
        const stream = read(pod, program)
        // A run that is deleted takes its logs along.
        stream.catch(() => undefined)
        streams.set(key, stream)
      }
  }
  await Promise.all(streams.values())
  const last = states.at(-1)
  if (last === undefined) throw new Error('nothing was told of the run')
  return { states, last, lines, troubles }
}

/** Declares the tests. `timeoutMs` is the patience with one of them. */
export function pipelinesContract(name: string, open: () => Promise<PipelinesWorld>, timeoutMs = 5000): void {
  describe(`${name} keeps the contract of pipelines:`, { timeout: timeoutMs }, () => {
    const stage = openStage(open)

    const submit = (story: Story, values: Readonly<Record<string, string>> = {}): Promise<PipelineRun> =>
      submitTo(stage, pipelineObject(stage.world.pipelines.dialect, story), values)
    const follow = (run: PipelineRun, onLine?: (line: string) => Promise<void>): Promise<Told> =>
      followOn(stage, run, onLine)

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
      const programs = last.pods.flatMap((pod) => pod.programs)
      expect(programs.map(({ step, hasStarted }) => [step, hasStarted])).toEqual([
        ['first', true],
        ['second', true],
      ])
      // A pod may be told to have ended a moment after its step.
      for (const { startedAt = '', finishedAt = '' } of last.steps)
        expect(Date.parse(finishedAt)).toBeGreaterThanOrEqual(Date.parse(startedAt))
    })

    test('a run that has succeeded has its outputs, and before that none', async () => {
      const { states, last } = await follow(await submit('succeeds', { message: 'good morning' }))
      expect(last.outputs).toEqual({ answer: 'good morning' })
      for (const { outputs } of states.slice(0, -1)) expect(outputs).toEqual({})
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
      const { last, lines } = await follow(run, () =>
        stage.world.pipelines.stop(stage.world.client, run, stage.stop.signal),
      )

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
      const followed = follow(run, () => stage.world.remove(run))
      await expect(followed).rejects.toMatchObject({ id: 'PIPELINE_GONE' })
      await expect(follow(run)).rejects.toMatchObject({ id: 'PIPELINE_GONE' })
    })

    test('observing stops with the reason it was given', async () => {
      const run = await submit('hangs')
      const reason = new Error('enough')
      const options = { signal: stage.stop.signal, onTrouble: () => undefined }
      const observe = async (): Promise<void> => {
        for await (const { phase } of stage.world.pipelines.observe(stage.world.client, run, options))
          if (phase === 'running') stage.stop.abort(reason)
      }
      await expect(observe()).rejects.toBe(reason)
    })
  })
}

/** Declares the tests of pods in which programs wait for each other, for a product that has such. */
export function containerSetContract(
  name: string,
  open: () => Promise<PipelinesWorld>,
  timeoutMs = 5000,
): void {
  describe(`${name} keeps the contract of pipelines with container sets:`, { timeout: timeoutMs }, () => {
    const stage = openStage(open)
    const graph = [
      ['first', []],
      ['build.clone', ['first']],
      ['build.lint', ['build.clone']],
      ['build.test', ['build.clone']],
      ['build', ['build.lint', 'build.test']],
      ['second', ['build']],
    ]

    test('each program is a step, known from the beginning, and none runs before its turn', async () => {
      const run = await submitTo(stage, containerSetObject('set-succeeds'), { message: 'built' })
      const { states, last, lines } = await followOn(stage, run)

      expect(last).toMatchObject({ phase: 'succeeded', message: '' })
      for (const { steps } of states) {
        expect(steps.map(({ name: step, after }) => [step, after])).toEqual(graph)
        const begun = steps.filter(({ phase }) => phase === 'running' || phase === 'succeeded')
        const needed = new Set(begun.flatMap(({ after }) => after))
        for (const step of steps.filter(({ name: each }) => needed.has(each)))
          expect(step.phase).toBe('succeeded')
      }
      expect(lines).toEqual({
        first: ['one'],
        'build.clone': ['clone'],
        'build.lint': ['lint'],
        'build.test': ['test'],
        build: ['built'],
        second: ['three'],
      })
    })

    test('all programs of a pod start together, and each step with the end of what it waits for', async () => {
      const { last } = await followOn(stage, await submitTo(stage, containerSetObject('set-succeeds')))

      const [, clone, lint, check, build] = last.steps
      expect(new Set([clone, lint, check, build].map((step) => step?.pod)).size).toBe(1)
      const pod = last.pods.find(({ name: each }) => each === build?.pod)
      expect(pod?.programs.map(({ container, step }) => [container, step])).toEqual([
        ['clone', 'build.clone'],
        ['lint', 'build.lint'],
        ['test', 'build.test'],
        ['main', 'build'],
      ])
      const at = (instant = ''): number => Date.parse(instant)
      expect(at(lint?.startedAt)).toBeGreaterThanOrEqual(at(clone?.finishedAt))
      expect(at(build?.startedAt)).toBeGreaterThanOrEqual(at(lint?.finishedAt))
      expect(at(build?.startedAt)).toBeGreaterThanOrEqual(at(check?.finishedAt))
      expect(at(build?.finishedAt)).toBeGreaterThanOrEqual(at(build?.startedAt))
    })

    test('a program that fails is told with its message and its log, and what waits for it is skipped', async () => {
      const { last, lines } = await followOn(stage, await submitTo(stage, containerSetObject('set-fails')))

      expect(last.phase).toBe('failed')
      expect(last.steps.map(({ name: step, phase }) => [step, phase])).toEqual([
        ['first', 'succeeded'],
        ['build.clone', 'succeeded'],
        ['build.lint', 'failed'],
        ['build.test', 'stopped'],
        ['build', 'skipped'],
        ['second', 'skipped'],
      ])
      expect(last.steps[2]?.message).toMatch(/\bexit code 3\b/)
      expect(last.message).toBe(last.steps[2]?.message)
      expect(lines).toEqual({
        ...{ first: ['one'], 'build.clone': ['clone'], 'build.lint': ['lint'], 'build.test': ['test'] },
        build: [],
      })
    })
  })
}
