import { expect, test } from 'vitest'
import { componentRegistry } from '../../../src/components/index.ts'
import { demoRegistry } from '../../../src/demos/index.ts'
import type { DemoResult } from '../../../src/domain/demo.ts'
import { runDemo } from '../../../src/workflows/demo.ts'
import { FakeWorld } from '../../fakes/fake-ports.ts'
import { playTekton } from '../../fakes/fake-tekton.ts'

/** Runs hello where only Tekton runs pipelines; its program ends with `exitCode`. */
async function helloOnTekton(world: FakeWorld, exitCode: number): Promise<DemoResult | undefined> {
  const spec = { name: 'dev', source: 'kind', kubernetesVersion: '1.34.10', nodes: 1 } as const
  await world.makePlayground('dev', { spec: { ...spec, components: ['tekton'] } })
  playTekton(world.cluster('dev'), (_program, message) => ({ lines: [`< ${message} >`], exitCode }))
  const asked = { demo: 'hello', name: 'dev', timeoutMs: 60_000, options: { message: 'good morning' } }
  const registries = { demos: demoRegistry, components: componentRegistry }
  return world.run(runDemo(asked, world.ports, registries, world.session()))
}

test('demo hello runs on Tekton where that runs the pipelines', async () => {
  const world = new FakeWorld()
  const result = await helloOnTekton(world, 0)
  const [pod = ''] = result?.parts.map((part) => part.pod) ?? []
  expect(result).toEqual({
    demo: 'hello',
    message: '< good morning >',
    parts: [{ name: 'whalesay', pod, phase: 'Succeeded', durationMs: 3000 }],
  })
  const progress = world.eventsOf('step.progress').map(({ text }) => text)
  expect(progress).toContain('workflow waiting for the controller')
  expect(progress).toContain(`${pod}: PodInitializing`)
  expect(progress).toContain(`${pod}: Running`)
  expect(world.eventsOf('step.log').map(({ line, source }) => [line, source])).toEqual([
    ['< good morning >', pod],
  ])
})

test('a demo hello that fails on Tekton says why, and how to look at it', async () => {
  await expect(helloOnTekton(new FakeWorld(), 3)).rejects.toMatchObject({
    id: 'DEMO_FAILED',
    message: expect.stringContaining('"step-main" exited with code 3') as string,
    details: ['< good morning >'],
    suggestions: [expect.stringContaining('kubectl --namespace demo-hello get pipelinerun hello-world-')],
  })
})
