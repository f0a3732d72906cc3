const SECOND = 1000
export const MINUTE: number = 60 * SECOND
export const HOUR: number = 60 * MINUTE
export const DAY: number = 24 * HOUR

const SHORTEST = MINUTE
export const LONGEST: number = 7 * DAY

/** From and to, milliseconds since the epoch. */
export interface Window {
  from: number
  to: number
}

const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map(count => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map(count => count * MINUTE),
  ...[1, 2, 3, 6, 12, 24].map(count => count * HOUR),
]

/** The finest usual length of a bucket, in milliseconds, of which at most `most` make up the window. */
export function stepFor(window: Window, most: number): number {
  const length = window.to - window.from
  return STEPS.find(step => length / step <= most) ?? Math.ceil(length / most / DAY) * DAY
}

/** The window `factor` times as long around a centre, never in the future, from a minute to 7 days. */
export function zoom(window: Window, centre: number, factor: number, now: number): Window {
  const length = Math.min(Math.max((window.to - window.from) * factor, SHORTEST), LONGEST)
  const to = Math.min(centre + length / 2, now)
  return { from: Math.round(to - length), to: Math.round(to) }
}
