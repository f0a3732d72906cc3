import type { Stored } from '../ingest/gather.js'

/** A browser hears of new events at most this often. */
const TELL_EVERY_MS = 1000
const MOST_LISTENERS = 100

export interface News {
  /** When it was told, ISO 8601. */
  as_of: string
  /** Stored since the last news. */
  events: number
  /** Milliseconds from an event's receipt to its being stored. */
  lag_ms: number
}

export interface Listener {
  onNews(news: News): void
  onEnd(): void
}

export interface Hub {
  stored(stored: Stored): void
  /** Returns how to leave; undefined where too many listen already. */
  join(listener: Listener): (() => void) | undefined
  /** Ends every stream. */
  close(): void
}

/** Tells whoever listens that there is something new, not what it is: the page asks its own questions. */
export function createHub(): Hub {
  const listeners = new Set<Listener>()
  let events = 0
  let lag = 0
  let timer: NodeJS.Timeout | undefined
  let lastTold = Number.NEGATIVE_INFINITY
  let closed = false

  function tell(): void {
    timer = undefined
    lastTold = performance.now()
    const news: News = { as_of: new Date().toISOString(), events, lag_ms: lag }
    events = 0
    for (const listener of listeners) listener.onNews(news)
  }

  return {
    stored(stored) {
      if (listeners.size === 0 || closed) return
      events += stored.events
      lag = stored.lag
      timer ??= setTimeout(tell, Math.max(0, lastTold + TELL_EVERY_MS - performance.now()))
    },
    join(listener) {
      if (closed || listeners.size === MOST_LISTENERS) return undefined
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close() {
      closed = true
      clearTimeout(timer)
      for (const listener of listeners) listener.onEnd()
      listeners.clear()
    },
  }
}
