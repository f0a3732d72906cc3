import { describe, expect, it } from 'vitest'
import { ENDINGS } from '../src/cases/process.js'
import { compareTwins } from '../src/twin.js'

// On a busy machine a process may come too late for its own deadlines; what is wrong is wrong every time.
describe.concurrent.each(Object.entries(ENDINGS))('a process that ends %s', (_how, twins) => {
  for (const twin of twins) {
    it(twin.name, { retry: 3, timeout: 120_000 }, async () => expect(await compareTwins(twin)).toEqual([]))
  }
})
