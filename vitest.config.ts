import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: ['packages/*', 'apps/*', 'scripts'],
    // chDB must not be loaded in a worker thread: it crashes when the worker ends.
    pool: 'forks',
  },
})
