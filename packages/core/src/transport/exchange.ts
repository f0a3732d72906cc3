import { shrink } from '../event/serialise.js'
import { byteLength } from '../event/text.js'
import type { Warn } from '../log.js'
import type { DropReason } from '../queue/ledger.js'
import type { Entry, Queue } from '../queue/queue.js'
import { meaningOf, rejectionsIn } from './answers.js'
import { Backoff } from './backoff.js'
import type { Answer, Attempt, Transport } from './transport.js'

/** What one request holds at most. */
export const MAX_BATCH: { readonly events: number; readonly bytes: number } = {
  events: 500,
  bytes: 512 * 1024,
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

const PROBE_EVENTS = 10
/** A refused or silent endpoint is worth a word from this failure in a row on. */
const WARN_FROM = 3
/** So often in a row nothing at all is taken before the endpoint counts as misconfigured. */
const REFUSALS = 3
/** Batches taken in a row after which a size the endpoint found too large is tried again. */
const GROW_AFTER = 20

/** A batch goes out, an answer comes back: what it means for these events, and what it tells of the endpoint. */
export class Exchange {
  readonly backoff: Backoff = new Backoff()
  readonly #settings: ExchangeSettings
  readonly #parts: ExchangeParts
  readonly #queue: Queue
  readonly #warn: Warn
  readonly #address: string
  #report: string | undefined
  #reportInFlight = false
  #compress: boolean
  #maxEvents = MAX_BATCH.events
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
    const { origin, pathname } = new URL(settings.endpoint)
    this.#address = origin + pathname
    this.#compress = settings.compress
  }

  /** It took the last batch, and is known to take some. */
  get isWell(): boolean {
    return this.#everTaken && !this.backoff.sick
  }

  /** Events that the next batch may have. */
  get batchSize(): number {
    if (this.#arrays === 'refused') return 1
    if (this.backoff.sick) return Math.min(PROBE_EVENTS, this.#maxEvents)
    // One place is kept for a report.
    return Math.min(this.#maxEvents, MAX_BATCH.events - 1)
  }

  /** Tells what was lost where no batch is left to tell it with. */
  async tellLosses(): Promise<void> {
    this.#report ??= this.#parts.report()
    if (!this.#report || this.#reportInFlight || !this.isWell) return
    const attempt = await this.#parts.transport.send([this.#report], { compress: this.#compress })
    if (attempt.kind === 'answer' && meaningOf(attempt) === 'taken') this.#report = undefined
  }

  /** Sends a batch that is in flight, and settles it or puts it back. */
  async run(batch: readonly Entry[]): Promise<void> {
    const report = this.#takeReport(batch)
    const texts = batch.map(entry => entry.text)
    if (report) texts.push(report)
    const attempt = await this.#parts.transport.send(texts, { compress: this.#compress })
    if (report) {
      this.#reportInFlight = false
      const meaning = attempt.kind === 'answer' ? meaningOf(attempt) : undefined
      // Refused together, the events are judged once more without it.
      if (meaning === 'taken' || meaning === 'refused') this.#report = undefined
      if (meaning === 'refused') return this.#putBack(batch, 'front')
    }
    this.#resolve(batch, attempt, texts.length > 1)
  }

  /** The report rides with a batch; it stays the same event until an attempt with it got through. */
  #takeReport(batch: readonly Entry[]): string | undefined {
    if (this.#reportInFlight || batch.some(entry => entry.company === 1) || this.#arrays === 'refused') return
    this.#report ??= this.#parts.report()
    this.#reportInFlight = this.#report !== undefined
    return this.#report
  }

  #resolve(batch: readonly Entry[], attempt: Attempt, isArray: boolean): void {
    if (attempt.kind === 'failure') {
      this.#failed(batch, attempt)
      return
    }
    switch (meaningOf(attempt)) {
      case 'taken':
        this.#taken(batch, attempt, isArray)
        break
      case 'misconfigured':
        this.#misconfigured(batch, `answered ${attempt.status}${attempt.status < 300 ? ' with a page' : ''}`)
        break
      case 'unauthorised':
        this.#warn(`${this.#address} answered ${attempt.status}: check the API key and the site id.`)
        this.#putBack(batch, 'front')
        this.backoff.pause()
        break
      case 'refused':
        this.#refused(batch, attempt, isArray)
        break
      case 'too_large':
        this.#tooLarge(batch)
        break
      case 'unsupported':
        if (this.#compress) {
          this.#compress = false
          this.#putBack(batch, 'front')
        } else if (isArray && this.#arrays !== 'taken') this.#refused(batch, attempt, isArray)
        else this.#misconfigured(batch, `answered ${attempt.status}`)
        break
      case 'wait':
        this.#wait(batch, `answered ${attempt.status}`, attempt.retryAfter)
        break
    }
  }

  #taken(batch: readonly Entry[], answer: Answer, isArray: boolean): void {
    if (isArray) this.#arrays = 'taken'
    else if (this.#arrays === 'doubtful') this.#arrays = 'refused'
    this.backoff.recover()
    this.#everTaken = true
    this.#refusals = 0
    this.#freeRetry = true
    if (this.#maxEvents < MAX_BATCH.events && ++this.#takenInARow >= GROW_AFTER) {
      this.#takenInARow = 0
      this.#maxEvents = Math.min(MAX_BATCH.events, this.#maxEvents * 2)
    }
    const rejections = rejectionsIn(answer.text)
    for (const [index, entry] of batch.entries()) {
      const reason = rejections.get(index)
      if (reason !== undefined) this.#warnRejected(reason)
      this.#queue.settle(entry, reason === undefined ? 'delivered' : 'rejected')
    }
  }

  #refused(batch: readonly Entry[], answer: Answer, isArray: boolean): void {
    if (isArray && this.#arrays !== 'taken') {
      // Is it an event or the array it does not take? One event alone tells.
      this.#arrays = 'doubtful'
      ;(batch[0] as Entry).company = 1
      this.#putBack(batch, 'front')
    } else if (batch.length > 1) {
      const half = Math.ceil(batch.length / 2)
      for (const entry of batch) entry.company = Math.min(entry.company, half)
      this.#putBack(batch, 'front')
      return
    } else if (this.#everTaken) {
      this.#warnRejected(`answered ${answer.status}`)
      this.#settleAll(batch, 'rejected')
      return
    } else {
      if (this.#arrays === 'doubtful') this.#arrays = 'untried'
      for (const entry of batch) entry.company = 1
      this.#putBack(batch, 'back')
    }
    if (!this.#everTaken && ++this.#refusals >= REFUSALS)
      this.#pause(`answered ${answer.status} to everything`)
  }

  #tooLarge(batch: readonly Entry[]): void {
    this.#takenInARow = 0
    const [first] = batch
    if (batch.length > 1) {
      this.#maxEvents = Math.ceil(batch.length / 2)
      this.#putBack(batch, 'front')
    } else if (first) {
      const text = shrink(first.text)
      if (text === null) this.#settleAll(batch, 'too_large')
      else {
        this.#queue.resize(first, text, byteLength(text))
        this.#putBack(batch, 'front')
      }
    }
  }

  #misconfigured(batch: readonly Entry[], what: string): void {
    this.#putBack(batch, 'front')
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
      this.#putBack(batch, 'front')
    } else this.#wait(batch, code === 'timeout' ? 'did not answer in time' : `failed (${code})`, undefined)
  }

  #wait(batch: readonly Entry[], what: string, retryAfter: string | undefined): void {
    // A probe that fails makes room for other events, so that none of them is sent over and over.
    this.#putBack(batch, this.backoff.sick ? 'back' : 'front')
    this.backoff.retry(retryAfter)
    if (this.backoff.failures >= WARN_FROM)
      this.#warn(`${this.#address} ${what}; events are kept and retried.`)
  }

  #putBack(batch: readonly Entry[], place: 'front' | 'back'): void {
    this.#parts.onPutBack()
    const spent = batch.filter(entry => entry.attempts > this.#settings.maxRetries)
    this.#settleAll(spent, 'expired')
    this.#queue.putBack(spent.length > 0 ? batch.filter(entry => !spent.includes(entry)) : batch, place)
  }

  #settleAll(batch: readonly Entry[], reason: DropReason): void {
    for (const entry of batch) this.#queue.settle(entry, reason)
  }

  #warnRejected(reason: string): void {
    this.#warn(`${this.#address} rejected an event: ${reason.slice(0, 200)}`)
  }
}
