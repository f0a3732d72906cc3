/** Requests that ended, and how many of them failed; weights make fractions of both. */
export interface Count {
  requests: number
  failures: number
}

/** Where the usual was taken from; `none`: nowhere. */
export type Basis = 'week' | 'day' | 'none'

/** What is known of a flow from before. */
export interface Past {
  /** The same hours of the 7 days before the window. */
  week: Count
  /** The 24 hours before the window. */
  day: Count
}

/** With the requests and failures of the past that it is told from. */
export interface Usual extends Count {
  rate: number
  /** What the rate may well be: the past is itself a sample. Chance is measured against it. */
  most: number
  basis: Basis
}

/** Below it a past tells too little to be preferred to another. */
const ENOUGH = 50

/** A rate, shrunk: no past is taken for a rate of 1 %, and a short one for hardly less. */
export function shrunkRate({ requests, failures }: Count): number {
  return Math.min(1, (failures + 0.5) / (requests + 50))
}

/** Two standard deviations above it, counted in failures. */
function upperRate({ requests, failures }: Count): number {
  const shrunk = failures + 0.5
  return Math.min(1, (shrunk + 2 * Math.sqrt(shrunk) + 2) / (requests + 50))
}

/**
 * The usual rate of a flow: of the same hours of the 7 days before, else of the 24 hours before. A flow whose
 * past holds fewer than 50 requests in either takes the longer one.
 */
export function usualOf({ week, day }: Past): Usual {
  const given = (basis: Basis, count: Count): Usual => ({
    rate: shrunkRate(count),
    most: count.requests > 0 ? upperRate(count) : shrunkRate(count),
    basis: count.requests > 0 ? basis : 'none',
    ...count,
  })
  if (week.requests >= ENOUGH) return given('week', week)
  if (day.requests >= ENOUGH) return given('day', day)
  return day.requests > week.requests ? given('day', day) : given('week', week)
}

/** Failures beyond the usual. */
export function excessOf({ requests, failures }: Count, usual: number): number {
  return Math.max(0, failures - requests * usual)
}

export function sumOf(counts: readonly Count[]): Count {
  const sum = { requests: 0, failures: 0 }
  for (const { requests, failures } of counts) {
    sum.requests += requests
    sum.failures += failures
  }
  return sum
}
