import { Entry } from '../../../src/queue/entry.js'
import { LANE, type Lane } from '../../../src/queue/queue.js'

/** An entry as the queue makes it. */
export function entryOf(text: string, lane: Lane = LANE.healthy, order = 0, attempts = 0): Entry {
  return new Entry(text, Buffer.byteLength(text), lane, order, attempts)
}
