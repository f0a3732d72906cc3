import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

// What tells mutants apart without sockets, processes and real waits.
export default defineConfig({
  resolve: { alias: { '#platform': join(import.meta.dirname, 'src/platform/node.ts') } },
  test: {
    include: [
      'test/queue/*.test.ts',
      'test/transport/{answers,backoff,ending,exchange,keeping,refusals,report,sender}.test.ts',
      'test/transport/spool/{disk,disk-spool,folder,owner,record,return,saver,segment,time,trouble}.test.ts',
      'test/platform/on-demand.test.ts',
    ],
    testTimeout: 5000,
  },
})
