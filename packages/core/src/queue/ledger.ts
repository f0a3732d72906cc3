import { isPromise } from '../promise.js'

/** Why an event was not delivered. */
export type DropReason =
  | 'queue_full'
  | 'too_large'
  | 'rejected'
  | 'expired'
  | 'before_send'
  | 'sampled'
  | 'repeated'
  | 'closed'
  | 'exit'
  | 'spool_full'
  | 'internal'

/**
 * Where every captured event is, at any moment:
 * `captured + adopted === delivered + queued + inFlight + spooled + sum(dropped)`.
 */
export interface Stats {
  /** Events handed to the client. */
  captured: number
  /** Events taken over from another process's spool. */
  adopted: number
  /** Events that the endpoint acknowledged. */
  delivered: number
  /** Events waiting in memory, whether on disk too or not. */
  queued: number
  /** Events in an attempt that has not ended. */
  inFlight: number
  /** Events waiting on disk alone. */
  spooled: number
  /** Copies of events sent after the first. */
  retries: number
  /** Events lost, by reason. */
  dropped: Partial<Record<DropReason, number>>
}

/** What the owner wanted left out is no loss; what is repeated rides with the next of its kind. */
const UNREPORTED: ReadonlySet<DropReason> = new Set(['before_send', 'sampled', 'repeated'])

/** What was lost since the last report that got through. */
export interface Losses {
  dropped: Partial<Record<DropReason, number>>
  /** Milliseconds since 1970. */
  since: number
  until: number
}

/** Counts; it decides nothing. */
export class Ledger {
  captured = 0
  adopted = 0
  delivered = 0
  spooled = 0
  /** Events that are out of the queue and not on disk yet. */
  leaving = 0
  retries = 0
  readonly dropped: Partial<Record<DropReason, number>> = {}
  #losses: Losses | undefined
  readonly #onDrop: ((loss: { reason: DropReason; count: number }) => void) | undefined

  constructor(onDrop?: (loss: { reason: DropReason; count: number }) => void) {
    this.#onDrop = onDrop
  }

  drop(reason: DropReason, count = 1): void {
    if (count === 0) return
    this.dropped[reason] = (this.dropped[reason] ?? 0) + count
    if (!UNREPORTED.has(reason)) this.owe(reason, count)
    try {
      isPromise(this.#onDrop?.({ reason, count }))
    } catch {
      // The application's callback must not stop the counting.
    }
  }

  /** @param queued and @param inFlight only the queue knows */
  stats(queued: number, inFlight: number): Stats {
    const { captured, adopted, delivered, spooled, retries, dropped } = this
    const waiting = queued + this.leaving
    return {
      captured,
      adopted,
      delivered,
      queued: waiting,
      inFlight,
      spooled,
      retries,
      dropped: { ...dropped },
    }
  }

  /** Adds to what the next report tells. */
  owe(reason: DropReason, count: number): void {
    if (count === 0) return
    const now = Date.now()
    this.#losses ??= { dropped: {}, since: now, until: now }
    this.#losses.dropped[reason] = (this.#losses.dropped[reason] ?? 0) + count
    this.#losses.until = now
  }

  /** There are losses nobody has been told of yet. */
  get owes(): boolean {
    return this.#losses !== undefined
  }

  /** The losses nobody has been told of yet; they count as told from now on. */
  takeLosses(): Losses | undefined {
    const losses = this.#losses
    this.#losses = undefined
    return losses
  }
}
