import type { Count } from './usual.js'

/** How much of a bucket may be in a trouble: all of it, half, a quarter and so on, each half as likely as the one before. */
const SHARES = [1, 1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32]
/** A rate of 1 would rule out what one request that went well tells. */
const MOST = 0.95
/** Beyond a bucket that does not belong to it lie rather stray failures: it takes so much more, as a logarithm. */
const APART = 2

/**
 * How many of the buckets beside a stretch of trouble belong to it, the nearest first: as many as are likeliest to, all
 * in all. It may fill a bucket in part: it begins and ends somewhere within, and a release comes bit by bit. So one
 * failure of three belongs to a trouble of 50 %, and a stray one of a hundred long before does not.
 * @param rate the stretch's
 */
export function reach(beside: readonly Count[], rate: number, usual: number): number {
  if (rate <= usual) return 0
  const rates = SHARES.map(share => usual + share * (Math.min(MOST, rate) - usual))
  let [sum, best, length, isApart] = [0, 0, 0, false]
  for (const [i, count] of beside.entries()) {
    if (count.requests === 0) continue
    sum += likelihood(count, rates, usual)
    isApart = sum <= best + (isApart ? APART : 0)
    if (isApart) continue
    best = sum
    length = i + 1
  }
  return length
}

/** The logarithm of how much likelier a bucket is at one of the rates than at the usual one. */
function likelihood({ requests, failures }: Count, rates: readonly number[], usual: number): number {
  const well = Math.max(0, requests - failures)
  const each = rates.map(
    (rate, i) =>
      failures * Math.log(rate / usual) + well * Math.log((1 - rate) / (1 - usual)) - (i + 1) * Math.LN2,
  )
  const most = Math.max(...each)
  return most + Math.log(each.reduce((sum, one) => sum + Math.exp(one - most), 0))
}
