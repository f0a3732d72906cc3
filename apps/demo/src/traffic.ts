import { createTally, drive, type Made, type Seat, type Tally } from '@justanalytics/shop/traffic'

/** How busy the shop is. */
export interface Pace {
  concurrency: number
  /** Milliseconds a visitor looks at an answer. */
  pause: number
}

/** Visitors without an end. */
export interface Traffic {
  readonly tally: Tally
  /** Every request, where they are kept. */
  readonly made: readonly Made[]
  /** Why it broke off, `undefined` while it goes on. */
  failure(): unknown
  /** No new visits; resolves when the last one is over. */
  end(): Promise<void>
}

export function createTraffic(options: {
  seed: number
  pace: Pace
  seat: () => Seat
  /** Whether to keep what was made, to compare it later. */
  keep: boolean
}): Traffic {
  const tally = createTally()
  const made: Made[] = []
  const ending = new AbortController()
  let failure: unknown
  const driven = drive({
    ...options.pace,
    seed: options.seed,
    seat: options.seat,
    visits: Number.POSITIVE_INFINITY,
    signal: ending.signal,
    onRequest(one) {
      tally.add(one)
      if (options.keep) made.push(one)
    },
  })
  driven.catch(error => {
    failure = error
  })
  return {
    tally,
    made,
    failure: () => failure,
    end() {
      ending.abort()
      return driven
    },
  }
}
