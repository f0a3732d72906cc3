const RETRY = { first: 500, most: 60_000 }
/** The shortest is a minute. */
const PAUSE = { first: 120_000, most: 15 * 60_000 }
const RETRY_AFTER = { least: 1000, most: 5 * 60_000 }

/** When a sick endpoint may be asked again. One for the whole sender: no event has a clock of its own. */
export class Backoff {
  /** Failures in a row. */
  failures = 0
  /** Monotonic milliseconds before which nothing is sent. */
  until = 0
  /** Only somebody's hand can heal it. */
  paused = false
  #delay = 0

  get sick(): boolean {
    return this.failures > 0
  }

  /** After a failure that time may heal: doubling, jittered between half and whole, or as the endpoint asks. */
  retry(retryAfter: string | undefined): void {
    this.paused = false
    this.#wait(RETRY, parseRetryAfter(retryAfter))
  }

  /** After a failure that only somebody's hand can heal. */
  pause(): void {
    this.paused = true
    this.#wait(PAUSE, undefined)
  }

  /** Lets one attempt through at once, as a process that is about to end has no later. */
  hurry(): void {
    if (!this.paused) this.until = 0
  }

  recover(): void {
    this.failures = 0
    this.until = 0
    this.#delay = 0
  }

  #wait({ first, most }: { first: number; most: number }, asked: number | undefined): void {
    this.failures++
    this.#delay = Math.min(most, Math.max(first, this.#delay * 2))
    this.until = performance.now() + (asked ?? this.#delay * (0.5 + Math.random() / 2))
  }
}

/** Seconds or an HTTP date → milliseconds from now, within 1 s to 5 min; `undefined` when it says nothing. */
export function parseRetryAfter(header: string | undefined, now: number = Date.now()): number | undefined {
  if (header === undefined) return undefined
  const value = header.trim()
  const wait = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : parseDate(value) - now
  if (Number.isNaN(wait)) return undefined
  return Math.min(RETRY_AFTER.most, Math.max(RETRY_AFTER.least, wait))
}

/** HTTP's three forms of a date all begin with a day's name; the one of asctime() bears no zone, and means GMT. */
function parseDate(value: string): number {
  if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(value)) return Number.NaN
  return Date.parse(value.endsWith('GMT') ? value : `${value} GMT`)
}
