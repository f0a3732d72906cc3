import { Refusal } from '../errors.js'

const RETRY_AFTER_SECONDS = '1'

/** The bytes one request holds in memory, from its first chunk until its events are durable. */
export interface Share {
  /** @throws {Refusal} 503 when all requests together hold too much, 429 when this key's do. */
  take(bytes: number): void
  /** Gives everything back. */
  release(): void
}

export interface Budget {
  open(key: string): Share
}

/**
 * Bounds what requests hold while the store is slower than the senders. One key may have half
 * of it, so that a flood from one site leaves room for the others.
 */
export function createBudget(bytes: number): Budget {
  const perKey = bytes / 2
  const held = new Map<string, number>()
  let total = 0

  return {
    open(key) {
      let mine = 0
      return {
        take(more) {
          const ofKey = (held.get(key) ?? 0) + more
          if (total + more > bytes)
            throw new Refusal(503, 'The collector has as much waiting to be stored as it can hold.', {
              'Retry-After': RETRY_AFTER_SECONDS,
            })
          if (ofKey > perKey)
            throw new Refusal(429, 'This key has as much waiting to be stored as one key may.', {
              'Retry-After': RETRY_AFTER_SECONDS,
            })
          held.set(key, ofKey)
          total += more
          mine += more
        },
        release() {
          const left = (held.get(key) ?? 0) - mine
          if (left > 0) held.set(key, left)
          else held.delete(key)
          total -= mine
          mine = 0
        },
      }
    },
  }
}
