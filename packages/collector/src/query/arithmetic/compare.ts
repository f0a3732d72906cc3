import { binomialTail } from './binomial.js'
import { shrunkRate } from './usual.js'

/** How often an error was met in so many requests. */
export interface Met {
  count: number
  requests: number
}

/** What became of an error from one release to another. */
export type Change = 'new' | 'grown' | 'same' | 'gone'

const TWICE = 2
const BY_CHANCE = 0.05

export function per1000({ count, requests }: Met): number {
  return requests === 0 ? 0 : (count / requests) * 1000
}

/** Grown: at least twice as often, and beyond what chance makes of the old rate. */
export function changeOf(a: Met, b: Met): Change {
  if (a.count === 0) return 'new'
  if (b.count === 0) return 'gone'
  // Without requests there is no rate to compare.
  if (a.requests === 0 || b.requests === 0) return 'same'
  if (per1000(b) < TWICE * per1000(a)) return 'same'
  const usual = shrunkRate({ requests: a.requests, failures: a.count })
  return binomialTail(b.count, Math.max(b.requests, b.count), usual) < BY_CHANCE ? 'grown' : 'same'
}
