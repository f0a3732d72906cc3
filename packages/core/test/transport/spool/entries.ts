import { type Entry, LANE, type Lane } from '../../../src/queue/queue.js'

/** An entry as the queue makes it. */
export function entryOf(text: string, lane: Lane = LANE.healthy, order = 0, attempts = 0): Entry {
  const bytes = Buffer.byteLength(text)
  return { text, bytes, lane, order, at: performance.now(), attempts, company: Number.POSITIVE_INFINITY }
}
