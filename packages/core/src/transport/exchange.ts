import { shrink } from '../event/serialise.js'
import { byteLength } from '../event/text.js'
import type { Warn } from '../log.js'
import type { Entry } from '../queue/entry.js'
import type { DropReason } from '../queue/ledger.js'
import type { Queue } from '../queue/queue.js'
import { type Meaning, meaningOf, rejectionsIn } from './answers.js'
import { Backoff } from './backoff.js'
import { Report } from './report.js'
import type { Answer, Attempt, Transport } from './transport.js'

/** What one request holds at most, beside what holds its events together and a report: 500 events, 512 KiB. */
export const MAX_BATCH: { readonly events: number; readonly bytes: number } = {
  events: 499,
  bytes: 504 * 1024,
}

export interface ExchangeSettings {
  readonly endpoint: string
  readonly maxRetries: number
  readonly compress: boolean
}

export interface ExchangeParts {
  readonly queue: Queue
  readonly transport: Transport
  readonly warn: Warn
  /** A `client_report`, made when there is something to tell and a batch to tell it with. */
  report(): string | undefined
  /** Events wait again that have waited for company once. */
  onPutBack(): void
}

/** As many show whether a failure was a passing one; if it was not, one event at a time does. */
const PROBE_EVENTS = 10
/** No event is sent more often over one outage, but for the last time, or rarely. */
const MOST_COPIES = 19
/** A refused or silent endpoint is worth a word from this failure in a row on. */
const WARN_FROM = 3
/** So often in a row nothing at all is taken before the endpoint counts as misconfigured. */
const REFUSALS = { ofStranger: 3, ofAcquaintance: 10 }
/** Batches taken in a row after which a size the endpoint found too large is tried again. */
const GROW_AFTER = 20

/** How a batch was sent. */
interface Manner {
  readonly isArray: boolean
  readonly isCompressed: boolean
}

/** A batch goes out, an answer comes back: what it means for these events, and what it tells of the endpoint. */
export class Exchange {
  readonly backoff: Backoff = new Backoff()
  readonly #settings: ExchangeSettings
  readonly #parts: ExchangeParts
  readonly #queue: Queue
  readonly #warn: Warn
  readonly #address: string
  readonly #report: Report
  #compress: boolean
  /** Events that the endpoint takes at once, as far as is known. */
  #capacity = MAX_BATCH.events
  /** Events that it is trusted with at once: few after a failure, then more with each batch that is taken. */
  #trust = MAX_BATCH.events
  #takenInARow = 0
  /** Something has been taken at some time, so the address and the key are right. */
  #everTaken = false
  #refusals = 0
  /** An endpoint of the origin's kind documents single objects only. */
  #arrays: 'untried' | 'doubtful' | 'taken' | 'refused' = 'untried'
  #freeRetry = true

  constructor(settings: ExchangeSettings, parts: ExchangeParts) {
    this.#settings = settings
    this.#parts = parts
    this.#queue = parts.queue
    this.#warn = parts.warn
    this.#report = new Report(() => parts.report())
    const { origin, pathname } = new URL(settings.endpoint)
    this.#address = origin + pathname
    this.#compress = settings.compress
  }

  /** It took the last batch, and is known to take some. */
  get isWell(): boolean {
    return this.#everTaken && !this.backoff.sick
  }

  /** Moves the next batch into flight. @param isAsked no event has been sent too often for it */
  takeBatch(isAsked: boolean): Entry[] {
    const { bytes } = MAX_BATCH
    const { sick, failures } = this.backoff
    if (sick) {
      const count = failures === 1 && this.#refusals === 0 ? Math.min(PROBE_EVENTS, this.#largest) : 1
      return this.#queue.takeRarest(count, bytes, isAsked ? Number.POSITIVE_INFINITY : MOST_COPIES)
    }
    // After a refusal one event tells, another one each time, what it is that is refused.
    if (this.#refusals > 0) return this.#queue.takeRarest(1, bytes, Number.POSITIVE_INFINITY)
    return this.#queue.take(this.#largest, bytes)
  }

  get #largest(): number {
    return this.#arrays === 'refused' ? 1 : Math.min(this.#capacity, this.#trust)
  }

  /** Tells what was lost in a request of its own. */
  async tellLosses(): Promise<void> {
    const text = this.isWell ? this.#report.leave() : undefined
    if (!text) return
    const options = { compress: this.#compress, bytes: byteLength(text) }
    const attempt = await this.#parts.transport.send([text], options)
    this.#report.arrive(meaningIn(attempt), false)
  }

  /** Sends a batch that is in flight, and settles it or puts it back. */
  async run(batch: readonly Entry[]): Promise<void> {
    const texts = batch.map(({ text }) => text)
    let bytes = batch.reduce((sum, entry) => sum + entry.bytes, 0)
    // Nothing is added to an event that is alone for a reason.
    const mayAdd = this.#arrays !== 'refused' && this.#refusals === 0
    const report = mayAdd ? this.#report.board() : undefined
    if (report) {
      texts.push(report)
      bytes += byteLength(report)
    }
    const isCompressed = this.#compress
    const attempt = await this.#parts.transport.send(texts, { compress: isCompressed, bytes })
    const meaning = meaningIn(attempt)
    if (report && this.#report.arrive(meaning, true)) this.#putBack(batch)
    else this.#resolve(batch, attempt, { isArray: texts.length > 1, isCompressed })
    if (meaning === 'taken' && (!mayAdd || this.#report.isAlone)) await this.tellLosses()
  }

  #resolve(batch: readonly Entry[], attempt: Attempt, manner: Manner): void {
    if (attempt.kind === 'failure') {
      this.#failed(batch, attempt)
      return
    }
    switch (meaningOf(attempt)) {
      case 'taken':
        this.#taken(batch, attempt, manner)
        break
      case 'misconfigured':
        this.#misconfigured(batch, `answered ${attempt.status}${attempt.status < 300 ? ' with a page' : ''}`)
        break
      case 'unauthorised':
        this.#warn(`${this.#address} answered ${attempt.status}: check the API key and the site id.`)
        this.#putBack(batch)
        this.backoff.pause()
        break
      case 'refused':
        this.#refused(batch, attempt, manner)
        break
      case 'too_large':
        this.#tooLarge(batch)
        break
      case 'unsupported':
        if (manner.isCompressed) {
          this.#compress = false
          this.#putBack(batch)
        } else if (manner.isArray && this.#arrays !== 'taken') this.#refused(batch, attempt, manner)
        else this.#misconfigured(batch, `answered ${attempt.status}`)
        break
      case 'wait':
        this.#wait(batch, `answered ${attempt.status}`, attempt.retryAfter)
        break
    }
  }

  #taken(batch: readonly Entry[], answer: Answer, { isArray }: Manner): void {
    if (isArray) this.#arrays = 'taken'
    else if (this.#arrays === 'doubtful') this.#arrays = 'refused'
    this.backoff.recover()
    this.#everTaken = true
    this.#refusals = 0
    this.#freeRetry = true
    this.#trust = Math.min(MAX_BATCH.events, this.#trust * 2)
    if (++this.#takenInARow >= GROW_AFTER) {
      this.#takenInARow = 0
      this.#capacity = Math.min(MAX_BATCH.events, this.#capacity * 2)
    }
    const rejections = rejectionsIn(answer.text)
    for (const [index, entry] of batch.entries()) {
      const reason = rejections.get(index)
      if (reason !== undefined) this.#warnRejected(reason)
      this.#queue.settle(entry, reason === undefined ? 'delivered' : 'rejected')
    }
  }

  #refused(batch: readonly Entry[], answer: Answer, { isArray }: Manner): void {
    if (isArray && this.#arrays === 'taken') {
      const half = Math.ceil(batch.length / 2)
      for (const entry of batch) entry.company = Math.min(entry.company, half)
      this.#putBack(batch)
      return
    }
    // Is it an event or the array that it does not take? One event alone tells.
    if (isArray) this.#arrays = 'doubtful'
    else if (this.#arrays === 'doubtful') this.#arrays = 'untried'
    if (isArray || !this.#everTaken) {
      if (!isArray) for (const entry of batch) entry.company = 1
      this.#putBack(batch)
    } else {
      this.#warnRejected(`answered ${answer.status}`)
      this.#settleAll(batch, 'rejected')
    }
    const { ofStranger, ofAcquaintance } = REFUSALS
    if (++this.#refusals >= (this.#everTaken ? ofAcquaintance : ofStranger)) {
      this.#pause(`answered ${answer.status} to everything`)
    }
  }

  #tooLarge(batch: readonly Entry[]): void {
    this.#takenInARow = 0
    if (batch.length > 1) {
      this.#capacity = Math.ceil(batch.length / 2)
      this.#putBack(batch)
    } else for (const entry of batch) this.#shrink(entry)
  }

  #shrink(entry: Entry): void {
    const text = shrink(entry.text)
    if (text === null) this.#queue.settle(entry, 'too_large')
    else {
      this.#queue.resize(entry, text, byteLength(text))
      this.#putBack([entry])
    }
  }

  #misconfigured(batch: readonly Entry[], what: string): void {
    this.#putBack(batch)
    this.#pause(what)
  }

  #pause(what: string): void {
    this.#warn(`${this.#address} ${what}, which is not how events are acknowledged: check the endpoint.`)
    this.backoff.pause()
  }

  #failed(batch: readonly Entry[], { code, reused }: { code: string; reused: boolean }): void {
    if (reused && this.#freeRetry && code !== 'timeout') {
      // The peer may have closed an idle connection just as we wrote to it.
      this.#freeRetry = false
      for (const entry of batch) entry.attempts--
      this.#putBack(batch)
    } else this.#wait(batch, code === 'timeout' ? 'did not answer in time' : `failed (${code})`, undefined)
  }

  #wait(batch: readonly Entry[], what: string, retryAfter: string | undefined): void {
    const isSpent = ({ attempts }: Entry): boolean => attempts > this.#settings.maxRetries
    this.#settleAll(batch.filter(isSpent), 'expired')
    this.#putBack(batch.filter(entry => !isSpent(entry)))
    this.#trust = PROBE_EVENTS
    this.backoff.retry(retryAfter)
    if (this.backoff.failures >= WARN_FROM)
      this.#warn(`${this.#address} ${what}; events are kept and retried.`)
  }

  #putBack(batch: readonly Entry[]): void {
    this.#parts.onPutBack()
    this.#queue.putBack(batch)
  }

  #settleAll(batch: readonly Entry[], reason: DropReason): void {
    for (const entry of batch) this.#queue.settle(entry, reason)
  }

  #warnRejected(reason: string): void {
    this.#warn(`${this.#address} rejected an event: ${reason.slice(0, 200)}`)
  }
}

function meaningIn(attempt: Attempt): Meaning | undefined {
  return attempt.kind === 'answer' ? meaningOf(attempt) : undefined
}
