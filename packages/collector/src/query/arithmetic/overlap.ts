/** When a release was seen within one minute: milliseconds since the epoch. */
export interface Sight {
  minute: number
  first: number
  last: number
}

export interface Interval {
  from: number
  /** The first moment after it. */
  to: number
}

const MINUTE = 60_000

/** The times in which both were seen, the oldest first: what both served in, be it seconds. */
export function overlaps(a: readonly Sight[], b: readonly Sight[]): Interval[] {
  const others = new Map(b.map(sight => [sight.minute, sight]))
  const intervals: Interval[] = []
  for (const sight of a.toSorted((x, y) => x.minute - y.minute)) {
    const other = others.get(sight.minute)
    if (!other) continue
    const from = Math.max(sight.first, other.first)
    const to = Math.min(sight.last, other.last) + 1
    if (from >= to) continue
    const before = intervals.at(-1)
    // Both served on into this minute: between the two nothing is known to have ended.
    if (before && Math.floor(before.to / MINUTE) + 1 >= Math.floor(from / MINUTE)) before.to = to
    else intervals.push({ from, to })
  }
  return intervals
}
