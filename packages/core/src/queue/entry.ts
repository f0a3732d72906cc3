import type { Lane } from './queue.js'

/**
 * One event, its text fixed at capture. Made by a constructor: where much of what an object literal makes stays for a
 * while, V8 comes to make all of it in its old generation, and the texts follow, to be cleared away seldom and dearly.
 */
export class Entry {
  text: string
  /** UTF-8 bytes of `text`. */
  bytes: number
  readonly lane: Lane
  /** Order of capture in this process; -1 for what others captured. */
  readonly order: number
  /** Monotonic milliseconds at which it came into memory. */
  readonly at: number = performance.now()
  /** Attempts it has been part of. */
  attempts: number
  /** The largest batch it may travel in; an endpoint that refuses a batch makes it smaller. */
  company: number = Number.POSITIVE_INFINITY
  /**
   * In an attempt that has not ended. Noted here and not in a set of those that are: each table that a set outgrows
   * holds on to the next, so that once V8 takes one for old, all the events to come grow old with it.
   */
  isFlying = false

  constructor(text: string, bytes: number, lane: Lane, order: number, attempts = 0) {
    this.text = text
    this.bytes = bytes
    this.lane = lane
    this.order = order
    this.attempts = attempts
  }
}
