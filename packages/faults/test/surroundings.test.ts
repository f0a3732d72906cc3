import { describe, expect, it } from 'vitest'
import { surroundings } from '../src/cases/surroundings.js'
import { runSurroundings } from '../src/surroundings.js'

// On a busy machine a process may come too late for its own deadlines; what is wrong is wrong every time.
describe.concurrent('surroundings', () => {
  for (const one of surroundings) {
    it(one.name, { retry: 3, timeout: 120_000 }, async () => expect(await runSurroundings(one)).toEqual([]))
  }
})
