import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: ['packages/*', 'apps/*', 'scripts', 'bench'],
    // chDB must not be loaded in a worker thread: it crashes when the worker ends.
    pool: 'forks',
    // Unless said it is one fewer than there are cores, but most tests wait for sockets and processes.
    maxWorkers: Math.max(2, availableParallelism()),
  },
})
