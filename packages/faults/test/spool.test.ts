import { describe, expect, it } from 'vitest'
import { spoolCases } from '../src/cases/spool.js'
import { runSpoolCase } from '../src/spool.js'

// On a busy machine a process may come too late for its own deadlines; what is wrong is wrong every time.
describe.concurrent('a spool', () => {
  for (const one of spoolCases) {
    it(one.name, { retry: 3, timeout: 120_000 }, async () => expect(await runSpoolCase(one)).toEqual([]))
  }
})
