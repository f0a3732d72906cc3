import { expected, type Search, type Window } from './parameters.js'

const MOST_BUCKETS = 10_100
const FINE_ENOUGH = 300
const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map(n => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map(n => n * MINUTE),
  ...[1, 2, 3, 6, 12, 24].map(n => n * HOUR),
]

/** Milliseconds; the finest usual step that makes at most 300 buckets. */
export function usualStep({ from, to }: Window): number {
  return (
    STEPS.find(step => (to - from) / step <= FINE_ENOUGH) ??
    Math.ceil((to - from) / FINE_ENOUGH / HOUR) * HOUR
  )
}

/** Milliseconds; unless said, the finest usual step that asks for at most 300 buckets. */
export function readStep(search: Search, { from, to }: Window): number {
  const text = search('step')
  if (text === undefined) return usualStep({ from, to })
  const step = /^\d{1,12}$/.test(text) ? Number(text) : 0
  const least = Math.max(SECOND, Math.ceil((to - from) / MOST_BUCKETS))
  if (step < least) throw expected('step', `a whole number of milliseconds, here at least ${least}`, text)
  return step
}

/** The start of every step that the window touches. */
export function layOut({ from, to }: Window, step: number): number[] {
  const first = Math.floor(from / step)
  return Array.from({ length: Math.ceil(to / step) - first }, (_, index) => (first + index) * step)
}
