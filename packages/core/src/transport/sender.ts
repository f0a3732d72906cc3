import { printed, type Warn } from '../log.js'
import type { Entry } from '../queue/entry.js'
import type { DropReason } from '../queue/ledger.js'
import { LANE, type Queue } from '../queue/queue.js'
import { Exchange, type ExchangeParts, type ExchangeSettings, MAX_BATCH } from './exchange.js'
import type { Transport } from './transport.js'

export interface SenderSettings extends ExchangeSettings {
  readonly flushAt: number
  readonly flushInterval: number
}

/** What the sender works with and whom it tells. */
export interface SenderParts extends Omit<ExchangeParts, 'onPutBack'> {
  /** An attempt has ended; the next one is not made before {@link Sender.restsUntil}. */
  onRest(): void
}

interface Flight {
  readonly batch: readonly Entry[]
  readonly over: Promise<void>
}

const DUE_BYTES = 128 * 1024
/** From this pace on, in milliseconds an event, batches grow beyond flushAt: what one costs is shared by more events. */
const PACE_MS = 2.5
const AFTER_FAILURE_MS = 200
const MAX_AGE_MS = 10 * 60_000
const LOOK_AGAIN_MS = 60_000
/** What has been sent very often is sent so rarely from then on. */
const RARELY_MS = 15 * 60_000

/** Decides when a batch leaves. */
export class Sender {
  readonly #settings: SenderSettings
  readonly #queue: Queue
  readonly #transport: Transport
  readonly #warn: Warn
  readonly #exchange: Exchange
  readonly #onRest: () => void
  #flights: readonly Flight[] = []
  #timer: { handle: ReturnType<typeof setTimeout>; at: number } | undefined
  /** How many of those queued are to leave now. */
  #due = 0
  /** When the last batch left, in monotonic milliseconds. */
  #leftAt = Number.NEGATIVE_INFINITY
  /** Somebody waits for the next attempt. */
  #isAsked = false
  #isClosed = false

  constructor(settings: SenderSettings, parts: SenderParts) {
    this.#settings = settings
    this.#queue = parts.queue
    this.#transport = parts.transport
    this.#warn = parts.warn
    const onPutBack = (): void => {
      this.#due = Number.POSITIVE_INFINITY
    }
    this.#exchange = new Exchange(settings, { ...parts, onPutBack })
    this.#onRest = parts.onRest
  }

  /** An event was queued. */
  notify(entry: Entry): void {
    const { size, bytes } = this.#queue
    if (size >= MAX_BATCH.events || bytes >= MAX_BATCH.bytes) this.send()
    else if (size >= this.#settings.flushAt || bytes >= DUE_BYTES) this.#sendApart()
    else {
      const wait = this.#settings.flushInterval
      this.#arm(entry.lane === LANE.failure ? Math.min(AFTER_FAILURE_MS, wait) : wait)
    }
  }

  /** Sends what is queued without waiting for company. */
  send(): void {
    this.#due = this.#queue.size
    this.#pump()
  }

  /** The same for somebody who waits for it. */
  flush(): void {
    this.#isAsked = true
    this.send()
  }

  /** As `flush`, and one attempt at once even where the endpoint is being spared. */
  hurry(): void {
    this.#exchange.backoff.hurry()
    this.flush()
  }

  /**
   * Makes one attempt for a caller who awaits it.
   * @returns `false` when there was nothing to send, or an endpoint that is being spared
   */
  async attempt(): Promise<boolean> {
    if (this.#isClosed || this.#exchange.backoff.until > performance.now()) return false
    this.#isAsked = true
    const batch = this.#takeBatch()
    if (batch.length > 0) await this.#attempt(batch)
    return batch.length > 0
  }

  /** The endpoint did not take what it was sent last. */
  get isSick(): boolean {
    return this.#exchange.backoff.sick
  }

  /** Tells what was lost where no batch is left to tell it with. */
  async tellLosses(): Promise<void> {
    await Promise.all(this.#flights.map(({ over }) => over))
    await this.#exchange.tellLosses()
  }

  /** No attempt will be made before this moment (monotonic milliseconds). */
  get restsUntil(): number {
    return this.#flights.length > 0 ? 0 : this.#exchange.backoff.until
  }

  /** Moves everything in flight back: nothing will tell any more what became of it. */
  recall(): void {
    for (const { batch } of this.#flights) this.#queue.putBack(batch)
  }

  /** Ends attempts under way, drops what is left for `reason`, releases timer and sockets until the next event. */
  async close(reason: DropReason): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer?.handle)
    this.#timer = undefined
    this.#transport.close()
    await Promise.all(this.#flights.map(({ over }) => over))
    this.#queue.drop(reason)
    this.#isClosed = false
  }

  /** Sends a batch that is due but not full, and not close behind the last one. */
  #sendApart(): void {
    const next = this.#leftAt + this.#settings.flushAt * PACE_MS
    if (this.#timer && this.#timer.at <= next) return
    const delay = next - performance.now()
    if (delay > 0) this.#arm(delay)
    else this.send()
  }

  #arm(delay: number): void {
    const at = performance.now() + delay
    if (this.#isClosed || (this.#timer && this.#timer.at <= at)) return
    clearTimeout(this.#timer?.handle)
    const handle = setTimeout(() => {
      this.#timer = undefined
      this.send()
    }, delay)
    // No timer of ours keeps a process alive; whoever awaits flush() holds one that does.
    if (typeof handle === 'object') handle.unref()
    this.#timer = { handle, at }
  }

  #pump(): void {
    while (this.#due > 0 && !this.#isClosed) {
      if (this.#queue.size === 0) {
        this.#due = 0
        return
      }
      if (this.#flights.length >= this.#lanes()) return
      const rest = this.#exchange.backoff.until - performance.now()
      if (rest > 0) {
        this.#arm(rest)
        return
      }
      const batch = this.#takeBatch()
      if (batch.length === 0) {
        // What is sent rarely by now is given up in time all the same.
        if (this.#queue.size > 0) this.#arm(LOOK_AGAIN_MS)
        return
      }
      const over = this.#attempt(batch).finally(() => {
        this.#flights = this.#flights.filter(flight => flight.over !== over)
        this.#onRest()
        this.#pump()
      })
      this.#flights = [...this.#flights, { batch, over }]
    }
  }

  /** Attempts that may be under way at once: a second one only where a healthy endpoint has a backlog. */
  #lanes(): number {
    const backlog = this.#queue.size >= MAX_BATCH.events || this.#queue.bytes >= MAX_BATCH.bytes
    return backlog && this.#exchange.isWell ? 2 : 1
  }

  #takeBatch(): Entry[] {
    if (this.#exchange.backoff.sick) this.#expire()
    const now = performance.now()
    const batch = this.#exchange.takeBatch(this.#isAsked || now - this.#leftAt >= RARELY_MS)
    this.#isAsked = false
    if (batch.length > 0) this.#leftAt = now
    this.#due = Math.max(0, this.#due - batch.length)
    return batch
  }

  async #attempt(batch: readonly Entry[]): Promise<void> {
    try {
      await this.#exchange.run(batch)
    } catch (error) {
      this.#warn(`internal error: ${printed(error)}`)
      for (const entry of batch) this.#queue.settle(entry, 'internal')
    }
  }

  #expire(): void {
    const oldest = performance.now() - MAX_AGE_MS
    this.#queue.drop('expired', entry => entry.at < oldest)
  }
}
