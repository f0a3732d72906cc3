import { isPage, type Made } from './visit.js'

/** What the traffic made, counted. */
export interface Tally {
  requests: number
  pages: number
  api: number
  notFound: number
  prefetches: number
  aborted: number
  /** Attempts to pay, and those of them that ended in 5xx. */
  payments: number
  brokenPayments: number
  /** All answers of 5xx. */
  failures: number
  add(made: Made): void
}

export function createTally(): Tally {
  return {
    requests: 0,
    pages: 0,
    api: 0,
    notFound: 0,
    prefetches: 0,
    aborted: 0,
    payments: 0,
    brokenPayments: 0,
    failures: 0,
    add({ step, status }) {
      const failed = status !== null && status >= 500
      this.requests++
      if (isPage(step)) this.pages++
      else this.api++
      if (status === 404) this.notFound++
      if (step.prefetch) this.prefetches++
      if (step.leaves) this.aborted++
      if (failed) this.failures++
      if (step.to !== 'pay') return
      this.payments++
      if (failed) this.brokenPayments++
    },
  }
}
