import type { Health, Series } from './answers.js'
import { askEvents, askHealth, askSeries, CollectorError, type Trouble } from './client.js'
import { type Fault, readFault } from './fault.js'
import { isLive, type View, type Window, windowOf } from './view.js'

/** What the page knows at one moment. */
export interface Snapshot {
  /** The window that `series` and `faults` are of. */
  window: Window
  series: Series
  /** Newest first. */
  faults: Fault[]
  /** Older faults of the window were left out. */
  more: boolean
  health: Health
  /** When it was asked for, by the collector's clock. */
  at: number
}

export interface FeedListener {
  onSnapshot(snapshot: Snapshot): void
  /** null: all is well again. */
  onTrouble(trouble: { kind: Trouble; reason: string } | null): void
}

const SHORTEST_PAUSE = 1000
const QUIET_PAUSE = 10_000
const RETRY_PAUSES = [1000, 2000, 4000, 8000, 15_000]

/** A bar is three pixels and more. */
function mostBuckets(): number {
  return innerWidth < 640 ? 72 : 100
}

async function ask(view: View, limit: number, skew: number, signal: AbortSignal) {
  const at = Date.now() + skew
  const window = windowOf(view, at)
  const [series, exceptions, failedTasks, state] = await Promise.all([
    askSeries(view, window, mostBuckets(), signal),
    askEvents('exception', limit, view, window, signal),
    askEvents('task_failed', limit, view, window, signal),
    askHealth(signal),
  ])
  const events = [...exceptions, ...failedTasks]
  const faults = events.map(readFault).sort((a, b) => b.at - a.at)
  const more = exceptions.length === limit || failedTasks.length === limit
  const snapshot: Snapshot = {
    window,
    series,
    faults: faults.slice(0, limit),
    more,
    health: state.health,
    at,
  }
  return { snapshot, skew: state.skew }
}

/**
 * Keeps one view's snapshot up to date: at once, when there is news (at most once a second),
 * every ten seconds without, and again with growing pauses while the collector is away.
 */
export class Feed {
  #view: View
  #limit: number
  #listener: FeedListener
  #timer: ReturnType<typeof setTimeout> | undefined
  #asking: AbortController | undefined
  #askedAt = 0
  #stale = false
  #failed = 0
  #skew = 0
  #paused = false

  constructor(view: View, limit: number, listener: FeedListener) {
    this.#view = view
    this.#limit = limit
    this.#listener = listener
  }

  /** Another view, or more of the same: asked for at once. */
  show(view: View, limit: number): void {
    this.#view = view
    this.#limit = limit
    this.#failed = 0
    this.#asking?.abort()
    this.#asking = undefined
    this.refresh()
  }

  /** Something was stored: ask again, unless that was less than a second ago. */
  news(): void {
    if (this.#paused || !isLive(this.#view)) return
    if (this.#asking) this.#stale = true
    else if (this.#failed === 0) this.#plan(Math.max(this.#askedAt + SHORTEST_PAUSE - Date.now(), 0))
  }

  refresh(): void {
    if (this.#asking) return
    clearTimeout(this.#timer)
    void this.#refresh()
  }

  /** Nothing is asked for while paused. */
  pause(): void {
    this.#paused = true
    clearTimeout(this.#timer)
  }

  resume(): void {
    this.#paused = false
    this.refresh()
  }

  stop(): void {
    this.pause()
    this.#asking?.abort()
  }

  #plan(pause: number): void {
    clearTimeout(this.#timer)
    if (!this.#paused) this.#timer = setTimeout(() => this.refresh(), pause)
  }

  async #refresh(): Promise<void> {
    const asking = new AbortController()
    this.#asking = asking
    this.#askedAt = Date.now()
    this.#stale = false
    try {
      const { snapshot, skew } = await ask(this.#view, this.#limit, this.#skew, asking.signal)
      if (asking.signal.aborted) return
      this.#asking = undefined
      this.#failed = 0
      this.#listener.onSnapshot(snapshot)
      this.#listener.onTrouble(null)
      if (skew !== this.#skew && Math.abs(skew - this.#skew) > 2000) {
        this.#skew = skew
        this.#stale = true
      }
      if (this.#stale) this.#plan(Math.max(this.#askedAt + SHORTEST_PAUSE - Date.now(), 0))
      else if (isLive(this.#view)) this.#plan(QUIET_PAUSE)
    } catch (error) {
      if (asking.signal.aborted) return
      this.#asking = undefined
      const kind = error instanceof CollectorError ? error.trouble : 'unreachable'
      this.#listener.onTrouble({ kind, reason: error instanceof Error ? error.message : String(error) })
      if (kind === 'unreachable' || kind === 'failed') this.#plan(RETRY_PAUSES[this.#failed++] ?? 15_000)
    }
  }
}
