/** From when on something was, and the first moment after it: milliseconds since the epoch. */
export interface Interval {
  from: number
  to: number
}

/** While both were: from the later beginning to the earlier end. A release of few requests serves between them, too. */
export function overlap(a: Interval, b: Interval): Interval | undefined {
  const both = { from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) }
  return both.from < both.to ? both : undefined
}

const MINUTE = 60_000
/** So many times the usual time between two sights of a release, and the later one is a straggler's. */
const APART = 10

/**
 * When a release was seen last while it served. A late request, of a process forgotten or of a queue, is no service:
 * what would be counted until then is what the other release did by itself.
 * @param lasts its last moment of every minute in which it was seen, oldest first; at least one
 */
export function endOfService(lasts: readonly number[]): number {
  const [first = 0] = lasts
  let n = lasts.length - 1
  for (; n > 0; n--) {
    const [before, last] = [lasts[n - 1] as number, lasts[n] as number]
    const usual = n > 1 ? (before - first) / (n - 1) : 0
    if (last - before <= APART * Math.max(MINUTE, usual)) break
  }
  return lasts[n] ?? first
}
