import { Deque } from './deque.js'
import { Entry } from './entry.js'
import type { DropReason, Ledger, Stats } from './ledger.js'

/** What outranks what when room is short: the highest lane is kept longest and leaves first. */
export const LANE = { healthy: 0, other: 1, failure: 2 } as const
export type Lane = (typeof LANE)[keyof typeof LANE]

export interface QueueLimits {
  readonly maxQueueSize: number
  readonly maxQueueBytes: number
}

interface QueueRoom {
  readonly events: number
  readonly bytes: number
}

/** Told when an entry is done with, however it ended. */
export type Settled = (entry: Entry, delivered: boolean) => void

/** Keeps events beside the queue. */
export interface Keeper {
  /** An event has come in. */
  keep(entry: Entry): void
  /**
   * An event that has not ended has no place in the queue any more.
   * @returns why it is lost; `undefined`: it is the keeper's from now on
   */
  park(entry: Entry, reason: DropReason): DropReason | undefined
}

/** This share of the bytes is kept for failures. */
const KEPT_FOR_FAILURES = 0.25

/**
 * The bounded queue. What is in flight counts against its limits; on overflow the oldest healthy events
 * go first, then custom ones, failures last.
 */
export class Queue {
  readonly #lanes: readonly [Deque, Deque, Deque] = [new Deque(), new Deque(), new Deque()]
  readonly #limits: QueueLimits
  readonly #ledger: Ledger
  readonly #settled: Settled
  /** Without one, what has no place is lost. */
  keeper: Keeper | undefined
  #order = 0
  #size = 0
  #bytes = 0
  #flying = 0
  /** Bytes in flight and queued, failures apart. */
  #held = { light: 0, failure: 0 }

  constructor(limits: QueueLimits, ledger: Ledger, settled: Settled) {
    this.#limits = limits
    this.#ledger = ledger
    this.#settled = settled
  }

  /** Events waiting. */
  get size(): number {
    return this.#size
  }

  /** Bytes of the events waiting. */
  get bytes(): number {
    return this.#bytes
  }

  get inFlight(): number {
    return this.#flying
  }

  /** Bytes that a single event may have. */
  largest(lane: Lane): number {
    return this.#limits.maxQueueBytes * (lane === LANE.failure ? 1 : 1 - KEPT_FOR_FAILURES)
  }

  /** The order that the next event will have. */
  get nextOrder(): number {
    return this.#order
  }

  /** What may be put into it without anything being dropped. */
  get room(): QueueRoom {
    return { events: this.#freeEvents, bytes: this.#freeBytes }
  }

  get #freeEvents(): number {
    return this.#limits.maxQueueSize - this.#size - this.#flying
  }

  get #freeBytes(): number {
    const { maxQueueBytes } = this.#limits
    const { light, failure } = this.#held
    return Math.min(maxQueueBytes - failure, maxQueueBytes * (1 - KEPT_FOR_FAILURES)) - light
  }

  get stats(): Stats {
    return this.#ledger.stats(this.#size, this.#flying)
  }

  /** Takes an event in; older or lighter ones, or itself, are dropped (`queue_full`) or parked where there is no room. */
  push(text: string, bytes: number, lane: Lane): Entry {
    const entry = new Entry(text, bytes, lane, this.#order++)
    this.keeper?.keep(entry)
    this.#hold(entry, 1)
    this.#wait(entry)
    while (this.#isOverfull && this.#evict());
    return entry
  }

  /** Puts events in that were kept elsewhere, in the order of capture. */
  restore(entries: readonly Entry[]): void {
    for (const entry of entries.toReversed()) {
      this.#hold(entry, 1)
      this.#wait(entry)
    }
  }

  /** Moves the next events into flight: failures first, then the rest in the order of capture. */
  take(maxEvents: number, maxBytes: number): Entry[] {
    const batch: Entry[] = []
    let bytes = 0
    let room = maxEvents
    for (let next = this.#next(); next; next = this.#next()) {
      room = Math.min(room, next.company)
      if (batch.length > 0 && (batch.length >= room || bytes + next.bytes > maxBytes)) break
      this.#lanes[next.lane].shift()
      this.#launch(next)
      bytes += next.bytes
      batch.push(next)
    }
    return batch
  }

  /** Moves a few events into flight that have been sent least often, but none that was sent `most` times; failures first. */
  takeRarest(maxEvents: number, maxBytes: number, most: number): Entry[] {
    const [healthy, other, failures] = this.#lanes
    const waiting = [...failures, ...other, ...healthy].filter(({ attempts }) => attempts < most)
    let bytes = 0
    const batch = waiting
      .sort((a, b) => a.attempts - b.attempts)
      .slice(0, maxEvents)
      .filter((entry, index) => {
        bytes += entry.bytes
        return index === 0 || bytes <= maxBytes
      })
    for (const lane of this.#lanes) lane.remove(entry => batch.includes(entry))
    for (const entry of batch) this.#launch(entry)
    return batch
  }

  /** Puts those of a batch that are in flight back to where they were. */
  putBack(batch: readonly Entry[]): void {
    for (const entry of batch.toReversed()) {
      if (this.#land(entry)) this.#wait(entry)
    }
  }

  /** Ends the life of an event, if it is in flight. */
  settle(entry: Entry, end: 'delivered' | DropReason): void {
    if (this.#land(entry)) this.#end(entry, end)
  }

  /** Replaces the text of an event in flight. */
  resize(entry: Entry, text: string, bytes: number): void {
    this.#hold(entry, -1)
    entry.text = text
    entry.bytes = bytes
    this.#hold(entry, 1)
  }

  /** Drops waiting events that `test` picks, unless the keeper takes them. */
  drop(reason: DropReason, test: (entry: Entry) => boolean = () => true): void {
    for (const lane of this.#lanes) {
      for (const entry of lane.remove(test)) {
        this.#size--
        this.#bytes -= entry.bytes
        this.#leave(entry, reason)
      }
    }
  }

  #next(): Entry | undefined {
    const [healthy, other, failure] = this.#lanes
    if (failure.first) return failure.first
    if (!healthy.first || !other.first) return healthy.first ?? other.first
    return healthy.first.order < other.first.order ? healthy.first : other.first
  }

  get #isOverfull(): boolean {
    return this.#freeEvents < 0 || this.#freeBytes < 0
  }

  #evict(): boolean {
    for (const lane of this.#lanes) {
      const entry = lane.shift()
      if (!entry) continue
      this.#size--
      this.#bytes -= entry.bytes
      this.#leave(entry, 'queue_full')
      return true
    }
    return false
  }

  #wait(entry: Entry): void {
    this.#lanes[entry.lane].insert(entry)
    this.#size++
    this.#bytes += entry.bytes
  }

  #launch(entry: Entry): void {
    this.#size--
    this.#bytes -= entry.bytes
    entry.isFlying = true
    this.#flying++
    if (entry.attempts++ > 0) this.#ledger.retries++
  }

  /** @returns `false` for one that was not in flight */
  #land(entry: Entry): boolean {
    if (!entry.isFlying) return false
    entry.isFlying = false
    this.#flying--
    return true
  }

  #leave(entry: Entry, reason: DropReason): void {
    const lost = this.keeper ? this.keeper.park(entry, reason) : reason
    if (lost) this.#end(entry, lost)
    else this.#hold(entry, -1)
  }

  #end(entry: Entry, end: 'delivered' | DropReason): void {
    this.#hold(entry, -1)
    if (end === 'delivered') this.#ledger.delivered++
    else this.#ledger.drop(end)
    this.#settled(entry, end === 'delivered')
  }

  #hold(entry: Entry, sign: 1 | -1): void {
    this.#held[entry.lane === LANE.failure ? 'failure' : 'light'] += sign * entry.bytes
  }
}
