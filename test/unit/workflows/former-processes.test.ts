import { beforeEach, describe, expect, it } from 'vitest'
import type { RunningProcess } from '../../../src/domain/running-process.ts'
import type { Scope } from '../../../src/engine/step.ts'
import { endFormerStep } from '../../../src/workflows/former-processes.ts'
import { FakeWorld } from '../../fakes/fake-ports.ts'
import { RecordingReporter } from '../../fakes/recording-reporter.ts'

const folder = '/states/playgrounds/dev'
let world: FakeWorld
let scope: Scope
beforeEach(() => {
  world = new FakeWorld()
  const use = (): never => {
    throw new Error('it uses no other step')
  }
  scope = { signal: new AbortController().signal, report: new RecordingReporter(), use }
})

describe('the end of what an interrupted run left running', () => {
  it('is nothing to do where nothing runs', async () => {
    world.processTable.start('/states/playgrounds/other', 'kind create cluster')
    const step = endFormerStep(world.ports, folder)
    expect(await step.check?.(scope)).toEqual({ ended: [] })
    expect(world.processTable.running).toHaveLength(1)
  })

  it('[row 53] ends the engine in order and the rest at once, those of this playground alone', async () => {
    const engine = world.processTable.start(folder, 'pulumi up --yes')
    const plugin = world.processTable.start(folder, 'pulumi-resource-play 127.0.0.1:1')
    const kind = world.processTable.start(folder, 'kind create cluster')
    world.processTable.start('/states/playgrounds/other', 'kind create cluster')
    const step = endFormerStep(world.ports, folder)
    expect(await step.check?.(scope)).toBeUndefined()
    expect(await step.run(scope)).toEqual({ ended: [engine, plugin, kind] })
    expect(world.processTable.ended).toEqual([
      'interrupt pulumi up --yes',
      'kill pulumi-resource-play 127.0.0.1:1',
      'kill kind create cluster',
    ])
    expect(world.processTable.running).toHaveLength(1)
  })

  it('leaves a port-forward open, unless the playground goes', async () => {
    world.processTable.start(folder, 'play open argocd', { forwards: true })
    expect(await endFormerStep(world.ports, folder).check?.(scope)).toEqual({ ended: [] })
    const step = endFormerStep(world.ports, folder, { forwards: true })
    expect(await step.check?.(scope)).toBeUndefined()
    await step.run(scope)
    expect(world.processTable.ended).toEqual(['interrupt play open argocd'])
  })

  it('[row 53] looks again, since what was ended may have started another', async () => {
    const table = world.processTable
    table.start(folder, 'pulumi-resource-play 127.0.0.1:1')
    const end = table.end.bind(table)
    let late: RunningProcess | undefined
    table.end = async (processes, options) => {
      await end(processes, options)
      late ??= table.start(folder, 'kind delete cluster')
    }
    const { ended } = await endFormerStep(world.ports, folder).run(scope)
    expect(ended.map(({ command }) => command)).toEqual([
      'pulumi-resource-play 127.0.0.1:1',
      'kind delete cluster',
    ])
    expect(table.running).toEqual([])
  })

  it('gives up on something that starts others without end', async () => {
    const table = world.processTable
    table.start(folder, 'kind create cluster')
    const end = table.end.bind(table)
    table.end = async (processes, options) => {
      await end(processes, options)
      table.start(folder, 'kind create cluster')
    }
    await expect(endFormerStep(world.ports, folder).run(scope)).rejects.toThrow(
      'what an interrupted run left running to end',
    )
  })

  it('[row 7] is an error where the table cannot be read or one cannot be ended, never "nothing runs"', async () => {
    const kind = world.processTable.start(folder, 'kind create cluster')
    world.processTable.unkillable.add(kind.pid)
    await expect(endFormerStep(world.ports, folder).run(scope)).rejects.toThrow('timed out')
    world.processTable.error = new Error('EMFILE')
    await expect(endFormerStep(world.ports, folder).check?.(scope)).rejects.toThrow('EMFILE')
  })
})
