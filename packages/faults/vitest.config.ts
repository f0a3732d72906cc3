import { defineProject } from 'vitest/config'

// Most cases wait for a deadline or a backoff, not for the processor.
export default defineProject({
  test: { name: 'faults', pool: 'forks', maxConcurrency: 16, testTimeout: 30_000, env: { TZ: 'Asia/Tokyo' } },
})
