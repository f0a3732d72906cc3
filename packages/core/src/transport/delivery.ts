import { byteLength } from '../event/text.js'
import type { Warn } from '../log.js'
import { type DropReason, Ledger, type Losses, type Stats } from '../queue/ledger.js'
import { type Entry, type Lane, Queue, type QueueLimits } from '../queue/queue.js'
import { MAX_BATCH, Sender, type SenderSettings } from './sender.js'
import type { Transport } from './transport.js'

export interface DeliverySettings extends QueueLimits, SenderSettings {
  /** Attempts are made by {@link Delivery.flush} alone, which awaits them. */
  readonly onDemand?: boolean
  readonly onDrop: ((loss: { reason: DropReason; count: number }) => void) | undefined
}

interface Waiter {
  /** Of the events captured before the call, those not yet done with. */
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
  #next = 0
  #closing: Promise<boolean> | undefined
  #closed = false

  constructor(
    settings: DeliverySettings,
    transport: Transport,
    report: (losses: Losses) => string,
    warn: Warn,
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
  }

  get stats(): Stats {
    return this.#queue.stats
  }

  get pending(): number {
    return this.#queue.size + this.#queue.inFlight
  }

  push(id: string, text: string, lane: Lane): void {
    if (this.#closed) {
      this.ledger.drop('closed')
      return
    }
    const entry = this.#queue.push(id, text, byteLength(text), lane)
    this.#next = entry.order + 1
    if (!this.#onDemand) this.#sender.notify(entry)
  }

  /** Resolves `true` when everything pushed before the call is acknowledged, `false` when it is not in time. */
  flush(timeout: number): Promise<boolean> {
    const waiter = this.#wait(timeout)
    if (this.#onDemand) return this.#attend(waiter)
    this.#sender.flush()
    this.#giveUpHopeless()
    return waiter.answer
  }

  /** Makes the attempts, and leaves none behind: what an endpoint did not take now waits for a later flush. */
  async #attend(waiter: Waiter): Promise<boolean> {
    while (this.#waiters.has(waiter) && (await this.#sender.attempt()));
    if (this.#sender.restsUntil > performance.now()) waiter.resolve(false)
    return waiter.answer
  }

  /** Flushes, then drops what is left (`closed`) and releases everything. */
  close(timeout: number): Promise<boolean> {
    this.#closing ??= this.#lastFlush(timeout).then(async delivered => {
      this.#closed = true
      await this.#sender.close('closed')
      return delivered
    })
    return this.#closing
  }

  /** The process is about to end by itself: one more try, then what is left is lost (`exit`). */
  async leave(timeout: number): Promise<void> {
    if (this.#closing) return
    await this.#lastFlush(timeout)
    await this.#sender.close('exit')
  }

  /**
   * The process ends now: nothing can be awaited any more.
   * @param post sends batches while the process waits, and says how many were acknowledged
   */
  abandon(post?: (batches: readonly string[][]) => number): void {
    if (post && this.pending > 0) {
      // What is in flight may have arrived: its ids tell the endpoint.
      this.#queue.recall()
      const batches: Entry[][] = []
      while (this.#queue.size > 0) batches.push(this.#queue.take(MAX_BATCH.events, MAX_BATCH.bytes))
      const acknowledged = post(batches.map(batch => batch.map(({ text }) => text)))
      for (const [index, batch] of batches.entries()) {
        for (const entry of batch) this.#queue.settle(entry, index < acknowledged ? 'delivered' : 'exit')
      }
    }
    this.#queue.drop('exit')
  }

  #lastFlush(timeout: number): Promise<boolean> {
    const { answer } = this.#wait(timeout)
    this.#sender.hurry()
    this.#giveUpHopeless()
    return answer
  }

  #wait(timeout: number): Waiter {
    let settle: (delivered: boolean) => void = () => {}
    let timer: ReturnType<typeof setTimeout> | undefined
    const waiter: Waiter = {
      remaining: this.pending,
      before: this.#next,
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
    if (waiter.remaining === 0) waiter.resolve(true)
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

  #settled(entry: Entry, delivered: boolean): void {
    for (const waiter of this.#waiters) {
      if (entry.order >= waiter.before) continue
      if (!delivered) waiter.lost = true
      if (--waiter.remaining === 0) waiter.resolve(!waiter.lost)
    }
  }
}
