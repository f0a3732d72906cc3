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
