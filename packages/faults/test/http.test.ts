import { describe, expect, it } from 'vitest'
import { malformed } from '../src/cases/malformed.js'
import { results } from '../src/cases/results.js'
import { retryAfter } from '../src/cases/retry-after.js'
import { statuses } from '../src/cases/statuses.js'
import { run } from '../src/run.js'
import { optionsOf } from './options.js'

describe.concurrent.each([
  ['statuses', statuses],
  ['Retry-After', retryAfter],
  ['lists of results', results],
  ['malformed answers', malformed],
])('%s', (_name, cases) => {
  for (const one of cases) it(one.name, optionsOf(one), async () => expect(await run(one)).toEqual([]))
})
