import { describe, expect, it } from 'vitest'
import { network } from '../src/cases/network.js'
import { run } from '../src/run.js'
import { optionsOf } from './options.js'

describe.concurrent('network', () => {
  for (const one of network) it(one.name, optionsOf(one), async () => expect(await run(one)).toEqual([]))
})
