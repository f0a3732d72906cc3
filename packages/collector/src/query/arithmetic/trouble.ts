import { binomialTail } from './binomial.js'
import { reach } from './reach.js'
import { type Count, excessOf, sumOf, type Usual } from './usual.js'

/** A stretch of buckets in which a flow fails more than usual. */
export interface Trouble extends Count {
  /** Its first bucket, and the last one that shows it. */
  first: number
  last: number
  /** Enough went well after it to say that it is over. */
  recovered: boolean
  /** Failures beyond the usual. Counts run to the last bucket where it is over, else to the window's end. */
  excess: number
}

const LEAST_EXCESS = 5
/** After Bonferroni. */
const BY_CHANCE = 1e-4
/** A bucket is significant below this, two in a row open a trouble; one below the other needs no second. */
const SIGNIFICANT = 0.01
const OVERWHELMING = 1e-7
const LEAST_FAILURES = 2

/** Against what the usual rate may well be, where the past was short. */
const UNLIKELY = 0.01

/** Is this more than chance makes of the usual rate, in one of so many tries? */
export function isBeyondChance(count: Count, usual: Pick<Usual, 'rate' | 'most'>, tries: number): boolean {
  return (
    excessOf(count, usual.rate) >= LEAST_EXCESS &&
    binomialTail(count.failures, count.requests, usual.rate) * tries < BY_CHANCE &&
    binomialTail(count.failures, count.requests, usual.most) < UNLIKELY
  )
}

/** A trouble of this rate is not in it: some would have failed at it, and half of it is ruled out. */
export function goesWell({ requests, failures }: Count, rate: number): boolean {
  if (requests * rate < 5) return false
  return 1 - binomialTail(failures + 1, requests, rate / 2) < SIGNIFICANT
}

interface Stretch {
  first: number
  last: number
  recovered: boolean
}

/** From the first of two significant buckets in a row to the last before it goes well again, and so on. */
function findStretches(buckets: readonly Count[], usual: number): Stretch[] {
  // Most buckets are as usual, and need no arithmetic to tell.
  const chances = buckets.map(({ requests, failures }) =>
    failures < LEAST_FAILURES || failures <= requests * usual ? 1 : binomialTail(failures, requests, usual),
  )
  const isSignificant = (i: number) => (chances[i] as number) < SIGNIFICANT
  if (!chances.some(chance => chance < SIGNIFICANT)) return []
  const used = Array.from(buckets.keys()).filter(i => (buckets[i] as Count).requests > 0)
  const stretches: Stretch[] = []
  let open: Stretch | undefined
  for (const [n, i] of used.entries()) {
    if (!isSignificant(i)) {
      if (!open) continue
      const rate = rateOf(buckets.slice(open.first, open.last + 1))
      open.recovered = goesWell(sumOf(buckets.slice(open.last + 1, i + 1)), rate)
      if (open.recovered) open = undefined
    } else if (open) {
      open.last = i
    } else {
      const next = used[n + 1]
      if ((next === undefined || !isSignificant(next)) && !((chances[i] as number) < OVERWHELMING)) continue
      open = { first: i, last: i, recovered: false }
      stretches.push(open)
    }
  }
  return stretches.map((stretch, i) =>
    stretchOut(buckets, usual, stretch, stretches[i - 1]?.last, stretches[i + 1]?.first),
  )
}

/** A trouble begins and ends below what one bucket shows: the buckets beside a stretch may belong to it. */
function stretchOut(
  buckets: readonly Count[],
  usual: number,
  { first, last, recovered }: Stretch,
  before = -1,
  after: number = buckets.length,
): Stretch {
  const rate = rateOf(buckets.slice(first, last + 1))
  return {
    first: first - reach(buckets.slice(before + 1, first).reverse(), rate, usual),
    last: last + (recovered ? reach(buckets.slice(last + 1, after), rate, usual) : 0),
    recovered,
  }
}

function rateOf(buckets: readonly Count[]): number {
  const { requests, failures } = sumOf(buckets)
  return failures / requests
}

/** Pairs of buckets as one. */
function coarsen(buckets: readonly Count[]): Count[] {
  return Array.from({ length: Math.ceil(buckets.length / 2) }, (_, i) => {
    const [one, other] = [buckets[2 * i] as Count, buckets[2 * i + 1]]
    if (!other) return one
    return { requests: one.requests + other.requests, failures: one.failures + other.failures }
  })
}

/**
 * The troubles of a flow, the oldest first. Buckets too small to show one are taken together, two by two.
 * @param flows how many are looked at: among more, chance makes more of itself
 */
export function findTroubles(
  buckets: readonly Count[],
  usual: Pick<Usual, 'rate' | 'most'>,
  flows: number,
): Trouble[] {
  const tries = flows * buckets.length
  let width = 1
  for (let grid = buckets; ; grid = coarsen(grid), width *= 2) {
    const found = findStretches(grid, usual.rate)
      .map(({ first, last, recovered }) => {
        const begin = first * width
        const end = Math.min((last + 1) * width, buckets.length) - 1
        return measure(buckets, { first: begin, last: end, recovered }, usual.rate)
      })
      .filter(trouble => isBeyondChance(trouble, usual, tries))
    if (found.length > 0) return found
    if (grid.length <= 2) break
  }
  const whole = sumOf(buckets)
  if (!isBeyondChance(whole, usual, flows)) return []
  return [measure(buckets, { ...steepest(buckets, usual.rate), recovered: false }, usual.rate)]
}

function measure(buckets: readonly Count[], { first, last, recovered }: Stretch, usual: number): Trouble {
  const count = sumOf(buckets.slice(first, recovered ? last + 1 : undefined))
  return { first, last, recovered, ...count, excess: excessOf(count, usual) }
}

/** The stretch with the most failures beyond the usual. */
function steepest(buckets: readonly Count[], usual: number): { first: number; last: number } {
  let best = { sum: 0, first: 0, last: buckets.length - 1 }
  let sum = 0
  let first = 0
  for (const [last, { requests, failures }] of buckets.entries()) {
    if (sum <= 0) {
      sum = 0
      first = last
    }
    sum += failures - requests * usual
    if (sum > best.sum) best = { sum, first, last }
  }
  return { first: best.first, last: best.last }
}

/** What lasts goes before what is over, then what fails more goes first. */
export function byWeight(a: Trouble, b: Trouble): number {
  return Number(a.recovered) - Number(b.recovered) || b.excess - a.excess
}
