/** Tests that need no cluster, no engine and no root; test/e2e has a configuration of its own. */
import { defineConfig } from 'vitest/config'

/** One project for each folder of tests; `name` is what --project takes. */
function project(name: string, folder: string, testTimeout: number) {
  return { test: { name, include: [`test/${folder}/**/*.test.ts`], testTimeout } }
}

export default defineConfig({
  test: {
    projects: [
      project('unit', 'unit', 5_000),
      project('contract', 'contract', 15_000),
      project('command', 'commands', 15_000),
      project('architecture', 'architecture', 60_000),
      project('integration', 'integration', 60_000),
      {
        test: {
          name: 'crash',
          include: ['test/crash/simulated/**/*.test.ts'],
          testTimeout: 60_000,
          globalSetup: ['test/crash/simulated/report-results.ts'],
        },
      },
    ],
  },
})
