/** Tests on a real cluster, in a real browser and of crashes, one after the other: `make e2e`. */
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

const minutes = 60_000

export default defineConfig({
  test: {
    name: 'e2e',
    root: join(import.meta.dirname, '..'),
    include: ['e2e/**/*.test.ts', 'browser/**/*.test.ts', 'crash/real/**/*.test.ts'],
    // Playgrounds share the machine, its ports and its container engine.
    fileParallelism: false,
    testTimeout: 15 * minutes,
    hookTimeout: 15 * minutes,
  },
})
