import type { Bucket, Mark, Series } from './answers.js'
import type { Window } from './window.js'

/** More bars than any screen can show: a step that asks for more is not believed. */
const MOST_BUCKETS = 3000

export type Figures = Omit<Bucket, 'at'>

/** Every step of the window, the empty ones too, on the server's own grid. */
export function fillBuckets(series: Series, window: Window): Bucket[] {
  const step = series.stepMs
  const phase = (series.buckets[0]?.at ?? 0) % step
  const first = Math.floor((window.from - phase) / step) * step + phase
  const length = Math.min(Math.max(Math.ceil((window.to - first) / step), 1), MOST_BUCKETS)
  const known = new Map(series.buckets.map(bucket => [bucket.at, bucket]))
  return Array.from({ length }, (_, index) => {
    const at = first + index * step
    return (
      known.get(at) ?? {
        at,
        requests: 0,
        failures: 0,
        rejected: 0,
        pageviews: 0,
        visitors: 0,
        task_failures: 0,
      }
    )
  })
}

/** Sums over the buckets; `visitors` is the busiest bucket's, for a visitor may be in several. */
export function summarise(buckets: readonly Bucket[]): Figures {
  const sum = (pick: (bucket: Bucket) => number) => buckets.reduce((total, bucket) => total + pick(bucket), 0)
  return {
    requests: sum(bucket => bucket.requests),
    failures: sum(bucket => bucket.failures),
    rejected: sum(bucket => bucket.rejected),
    pageviews: sum(bucket => bucket.pageviews),
    visitors: buckets.reduce((most, bucket) => Math.max(most, bucket.visitors), 0),
    task_failures: sum(bucket => bucket.task_failures),
  }
}

/** Failures per request from 0 to 1; null without requests. */
export function failureRate(figures: Figures): number | null {
  return figures.requests > 0 ? Math.min(figures.failures / figures.requests, 1) : null
}

/** Requests that ended neither in a failure nor in 4xx. */
export function healthy(figures: Figures): number {
  return Math.max(figures.requests - figures.failures - figures.rejected, 0)
}

/** The smallest 1, 2, 3, 4, 5, 6 or 8 times a power of ten that is not below the value. */
export function niceMax(value: number, least: number): number {
  const wanted = Math.max(value, least)
  const power = 10 ** Math.floor(Math.log10(wanted))
  const factor = [1, 2, 3, 4, 5, 6, 8, 10].find(each => each * power >= wanted * (1 - 1e-9)) ?? 10
  return factor * power
}

/** The bucket that holds an instant; the nearest at the ends. */
export function bucketIndex(buckets: readonly Bucket[], step: number, at: number): number {
  const first = buckets[0]?.at ?? 0
  return Math.min(Math.max(Math.floor((at - first) / step), 0), buckets.length - 1)
}

/** Marks too close to be told apart, under one label. */
export interface PlacedMark {
  x: number
  /** Which side of its line the label stands on. */
  side: 'left' | 'right'
  /** Pixels the label may take. */
  room: number
  /** Newest last; the label bears the last one's name. */
  marks: [Mark, ...Mark[]]
}

/**
 * Labels for marks, left to right, at least `apart` pixels from one another. Where the last one lacks
 * room before the edge it stands left of its line, at the expense of the one before.
 *
 * @param need - pixels that the label of these marks would like
 */
export function placeMarks(
  marks: readonly Mark[],
  x: (at: number) => number,
  right: number,
  apart: number,
  need: (marks: PlacedMark['marks']) => number,
): PlacedMark[] {
  const placed: PlacedMark[] = []
  for (const mark of marks) {
    const last = placed.at(-1)
    const here = x(mark.at)
    if (last && here - last.x < apart) last.marks.push(mark)
    else placed.push({ x: here, side: 'right', room: apart, marks: [mark] })
  }
  for (const [index, each] of placed.entries())
    each.room = Math.max((placed[index + 1]?.x ?? right) - each.x, apart)

  const last = placed.at(-1)
  if (!last || need(last.marks) <= last.room) return placed
  const before = placed.at(-2)
  const gap = last.x - (before?.x ?? 0)
  const room = Math.min(need(last.marks), before ? gap - apart : gap)
  if (room <= last.room) return placed
  Object.assign(last, { side: 'left', room })
  if (before) before.room = gap - room
  return placed
}
