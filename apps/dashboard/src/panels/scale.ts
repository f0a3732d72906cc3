import type { Bucket } from '../data/answers.js'

/** Pixels left of the plot, for the labels of the vertical axes. */
const GUTTER = 44

/** The time axis that all lanes share. */
export interface Scale {
  from: number
  to: number
  step: number
  /** Of one bucket's bar, the gap to the next left out. */
  bar: number
  left: number
  right: number
  x(at: number): number
  /** The instant at a pixel, inside the axis. */
  at(x: number): number
}

/** @param buckets - at least one, evenly spaced */
export function createScale(buckets: readonly Bucket[], step: number, width: number): Scale {
  const from = buckets[0]?.at ?? 0
  const to = from + buckets.length * step
  const right = Math.max(width, GUTTER + 1)
  const perMs = (right - GUTTER) / (to - from)
  const slot = perMs * step
  return {
    from,
    to,
    step,
    bar: Math.max(slot - (slot > 4 ? 1 : 0), 0.5),
    left: GUTTER,
    right,
    x: at => GUTTER + (at - from) * perMs,
    at: x => Math.min(Math.max(from + (x - GUTTER) / perMs, from), to),
  }
}
