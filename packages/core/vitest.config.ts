import { join } from 'node:path'
import { defineProject } from 'vitest/config'

export default defineProject({
  // The sources are tested, not what was built of them last.
  resolve: { alias: { '#platform': join(import.meta.dirname, 'src/platform/node.ts') } },
  test: { name: 'core', pool: 'forks', testTimeout: 20_000, setupFiles: 'test/made-cases.ts' },
})
