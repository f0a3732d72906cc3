import { describe, expect, it } from 'vitest'
import { malformed } from '../src/cases/malformed.js'
import { results } from '../src/cases/results.js'
import { retryAfter } from '../src/cases/retry-after.js'
import { statuses } from '../src/cases/statuses.js'
import { run } from '../src/run.js'

// On a busy machine an attempt may miss its deadline; what is wrong is wrong every time.
describe.concurrent.each([
  ['statuses', statuses],
  ['Retry-After', retryAfter],
  ['lists of results', results],
  ['malformed answers', malformed],
])('%s', (_name, cases) => {
  for (const one of cases) it(one.name, { retry: 2 }, async () => expect(await run(one)).toEqual([]))
})
