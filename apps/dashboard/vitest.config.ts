import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    name: 'dashboard',
    include: ['test/**/*.test.ts'],
    testTimeout: 240_000,
    // What is waited for comes within a second, and much later where the machine is busy.
    expect: { poll: { timeout: 45_000 } },
    // Stories share one browser and one collector; more at once only wait for one another.
    maxConcurrency: 1,
  },
})
