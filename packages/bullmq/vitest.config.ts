import { defineProject } from 'vitest/config'

// Installing Redis takes its time where it has to be done.
export default defineProject({
  test: { name: 'bullmq', pool: 'forks', testTimeout: 30_000, hookTimeout: 180_000 },
})
