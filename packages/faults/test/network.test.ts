import { describe, expect, it } from 'vitest'
import { network } from '../src/cases/network.js'
import { run } from '../src/run.js'

// On a busy machine an attempt may miss its deadline; what is wrong is wrong every time.
describe.concurrent('network', () => {
  for (const one of network) it(one.name, { retry: 2 }, async () => expect(await run(one)).toEqual([]))
})
