import { defineProject } from 'vitest/config'

// chDB must not be loaded in a worker thread: it crashes when the worker ends.
export default defineProject({
  test: { name: 'collector', pool: 'forks', testTimeout: 30_000, hookTimeout: 30_000 },
})
