/** What the workflows are given of demos: how a description becomes steps. */
import type { DemoMaker } from '../domain/demo.ts'
import { demoSteps } from './demo-steps.ts'
import { stopSteps } from './demo-stop.ts'

/** Every demo, shipped or a person's own, is made by the same. */
export const demoMaker: DemoMaker = { steps: demoSteps, stop: stopSteps }
