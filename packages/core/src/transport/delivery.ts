import { byteLength } from '../event/text.js'
import type { Warn } from '../log.js'
import type { Entry } from '../queue/entry.js'
import { type DropReason, Ledger, type Losses, type Stats } from '../queue/ledger.js'
import { type Lane, Queue, type QueueLimits } from '../queue/queue.js'
import { MAX_BATCH } from './exchange.js'
import { Sender, type SenderSettings } from './sender.js'
import type { Spool, SpoolParts } from './spool/spool.js'
import type { Transport } from './transport.js'

export interface DeliverySettings extends QueueLimits, SenderSettings {
  /** Attempts are made by {@link Delivery.flush} alone, which awaits them. */
  readonly onDemand?: boolean
  readonly onDrop: ((loss: { reason: DropReason; count: number }) => void) | undefined
}

interface Waiter {
  /** Of the events there were before the call, those not yet done with; 1 more until the spool is ready. */
  remaining: number
  /** Events with an order below this were captured before the call. */
  readonly before: number
  readonly deadline: number
  lost: boolean
  readonly answer: Promise<boolean>
  resolve(delivered: boolean): void
}

/** From a finished text to the endpoint's acknowledgement: queue, ledger and sender behind three verbs. */
export class Delivery {
  readonly ledger: Ledger
  readonly #queue: Queue
  readonly #sender: Sender
  readonly #waiters = new Set<Waiter>()
  readonly #onDemand: boolean
  readonly #spool: Spool | undefined
  #closing: Promise<boolean> | undefined
  #closed = false

  constructor(
    settings: DeliverySettings,
    transport: Transport,
    report: (losses: Losses) => string,
    warn: Warn,
    openSpool?: (parts: SpoolParts) => Spool | undefined,
  ) {
    this.ledger = new Ledger(settings.onDrop)
    this.#onDemand = settings.onDemand ?? false
    this.#queue = new Queue(settings, this.ledger, (entry, delivered) => this.#settled(entry, delivered))
    this.#sender = new Sender(settings, {
      queue: this.#queue,
      transport,
      warn,
      report: () => {
        const losses = this.ledger.takeLosses()
        return losses && report(losses)
      },
      onRest: () => this.#giveUpHopeless(),
    })
    this.#spool = openSpool?.({
      queue: this.#queue,
      ledger: this.ledger,
      warn,
      isSick: () => this.#sender.isSick,
      onAdopt: count => this.#awaitMore(count),
      onReady: () => this.#awaitMore(-1),
      onReturn: () => this.#sender.send(),
      onLoss: () => this.#disappoint(),
    })
    this.#queue.keeper = this.#spool
  }

  get stats(): Stats {
    return this.#queue.stats
  }

  /** Events in memory. */
  get pending(): number {
    return this.#queue.size + this.#queue.inFlight + this.ledger.leaving
  }

  push(text: string, lane: Lane): void {
    if (this.#closed) {
      this.ledger.drop('closed')
      return
    }
    const bytes = byteLength(text)
    if (bytes > this.#queue.largest(lane)) {
      this.ledger.drop('too_large')
      return
    }
    const entry = this.#queue.push(text, bytes, lane)
    if (!this.#onDemand) this.#sender.notify(entry)
  }

  /** Resolves `true` when everything pushed before the call is acknowledged, `false` when it is not in time. */
  flush(timeout: number): Promise<boolean> {
    const waiter = this.#wait(timeout)
    if (this.#onDemand) return this.#attend(waiter)
    this.#sender.flush()
    void this.#spool?.bringBack()
    this.#giveUpHopeless()
    return waiter.answer
  }

  /** Makes the attempts, and leaves none behind: what an endpoint did not take now waits for a later flush. */
  async #attend(waiter: Waiter): Promise<boolean> {
    while (this.#waiters.has(waiter) && (await this.#sender.attempt()));
    if (this.#sender.restsUntil > performance.now()) waiter.resolve(false)
    return waiter.answer
  }

  /** Flushes, then drops what is left (`closed`), or leaves it in the spool, and releases everything. */
  close(timeout: number): Promise<boolean> {
    this.#closing ??= this.#lastFlush(timeout).then(async delivered => {
      this.#closed = true
      await this.#sender.close('closed')
      await this.#spool?.close()
      return delivered
    })
    return this.#closing
  }

  /** The process is about to end by itself: one more try, then what is left is lost (`exit`) or in the spool. */
  async leave(timeout: number): Promise<void> {
    if (this.#closing) return
    const end = performance.now() + timeout
    // Once more for what the application captured in the meantime, but not for ever.
    for (let round = 0; round < 2 && (this.pending > 0 || this.ledger.owes); round++) {
      await this.#lastFlush(Math.max(0, end - performance.now()))
    }
    this.#spool?.rest()
    await this.#sender.close('exit')
  }

  /**
   * The process ends now: nothing can be awaited any more.
   * @param post sends batches while the process waits, and says how many were acknowledged
   */
  abandon(post?: (batches: readonly string[][]) => number): void {
    // What is in flight may have arrived: its ids tell the endpoint.
    if (post || this.#spool) this.#sender.recall()
    if (post && this.#queue.size > 0) {
      const batches: Entry[][] = []
      while (this.#queue.size > 0) batches.push(this.#queue.take(MAX_BATCH.events, MAX_BATCH.bytes))
      const acknowledged = post(batches.map(batch => batch.map(({ text }) => text)))
      for (const [index, batch] of batches.entries()) {
        if (index >= acknowledged) this.#queue.putBack(batch)
        else for (const entry of batch) this.#queue.settle(entry, 'delivered')
      }
    }
    this.#queue.drop('exit')
    this.#spool?.closeNow()
  }

  async #lastFlush(timeout: number): Promise<boolean> {
    const { answer, deadline } = this.#wait(timeout)
    this.#sender.hurry()
    void this.#spool?.bringBack()
    this.#giveUpHopeless()
    const delivered = await answer
    if (this.ledger.owes) await this.#tellLosses(Math.max(0, deadline - performance.now()))
    return delivered
  }

  /** No later batch will tell them. */
  async #tellLosses(timeout: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<void>(resolve => {
      timer = setTimeout(resolve, timeout)
    })
    await Promise.race([this.#sender.tellLosses(), late])
    clearTimeout(timer)
  }

  #wait(timeout: number): Waiter {
    let settle: (delivered: boolean) => void = () => {}
    let timer: ReturnType<typeof setTimeout> | undefined
    const waiter: Waiter = {
      remaining: this.pending + this.ledger.spooled + (this.#spool?.isReady === false ? 1 : 0),
      before: this.#queue.nextOrder,
      deadline: performance.now() + timeout,
      lost: false,
      answer: new Promise(resolve => {
        settle = resolve
      }),
      resolve: delivered => {
        clearTimeout(timer)
        this.#waiters.delete(waiter)
        settle(delivered)
      },
    }
    if (waiter.remaining === 0 || this.#closed) waiter.resolve(waiter.remaining === 0)
    else {
      this.#waiters.add(waiter)
      // Held on purpose: a process that awaits this must not end in the middle of it.
      timer = setTimeout(() => waiter.resolve(false), timeout)
    }
    return waiter
  }

  /** Nobody waits for an endpoint that will not be asked again in time. */
  #giveUpHopeless(): void {
    for (const waiter of this.#waiters) {
      if (this.#sender.restsUntil > waiter.deadline) waiter.resolve(false)
    }
  }

  #awaitMore(count: number): void {
    for (const waiter of this.#waiters) {
      waiter.remaining += count
      if (waiter.remaining === 0) this.#conclude(waiter)
    }
  }

  /** Whoever was told that an event is delivered may count on it that no later process sends it again. */
  #conclude(waiter: Waiter): void {
    const tell = (): void => waiter.resolve(!waiter.lost)
    if (this.#spool) void this.#spool.saved().then(tell)
    else tell()
  }

  #disappoint(): void {
    for (const waiter of this.#waiters) waiter.resolve(false)
  }

  #settled(entry: Entry, delivered: boolean): void {
    this.#spool?.settled(entry)
    if (delivered && this.ledger.spooled > 0) this.#spool?.bringBackSoon()
    for (const waiter of this.#waiters) {
      if (entry.order >= waiter.before) continue
      if (!delivered) waiter.lost = true
      if (--waiter.remaining === 0) this.#conclude(waiter)
    }
  }
}
