/** Tests on a real cluster, one after the other: `make e2e`. */
import { defineConfig } from 'vitest/config'

const minutes = 60_000

export default defineConfig({
  test: {
    name: 'e2e',
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    // Playgrounds share the machine, its ports and its container engine.
    fileParallelism: false,
    testTimeout: 15 * minutes,
    hookTimeout: 15 * minutes,
  },
})
