import { passes, retryPause, type Trouble, troubleOf } from './client.js'
import { serverNow } from './clock.js'
import { type Answers, askQuestion, NAMES, type QuestionName } from './questions.js'
import { isLive, type View, windowOf } from './view.js'
import type { Window } from './window.js'

/** What one question last brought. */
export interface Answer<T> {
  value: T | null
  /** The window that `value` is of, and when it was asked for by the collector's clock. */
  window: Window
  at: number
  /** Why there is no newer one. */
  trouble: Trouble | null
  /** It is of another view, and the right one is being asked for. */
  stale: boolean
}

export type Snapshot = { readonly [Name in QuestionName]?: Answer<Answers[Name]> }

export interface FeedListener {
  onSnapshot(snapshot: Snapshot): void
  /** A round of questions is over. */
  onRound(): void
}

const SHORTEST_PAUSE = 1000
/** After a round the collector rests this many times as long as the round took, up to a limit. */
const REST = 3
const LONGEST_REST = 10_000
const QUIET_PAUSE = 30_000

/**
 * Keeps one view's answers up to date: at once, when there is news (at most once a second),
 * every half minute without, and again with growing pauses while the collector is away.
 */
export class Feed {
  #view: View
  #listener: FeedListener
  #snapshot: Snapshot = {}
  #timer: ReturnType<typeof setTimeout> | undefined
  #asking: AbortController | undefined
  #earliest = 0
  #news = false
  #failed = 0
  #paused = false

  /** @param known - what the first round need not ask for */
  constructor(view: View, listener: FeedListener, known: Snapshot = {}) {
    this.#view = view
    this.#listener = listener
    this.#snapshot = known
  }

  /** Another view: asked for at once. */
  show(view: View): void {
    this.#view = view
    this.#failed = 0
    const old = Object.entries(this.#snapshot).map(([name, answer]) => [name, { ...answer, stale: true }])
    this.#publish(Object.fromEntries(old))
    this.renew()
  }

  /** What is being asked for is outdated: asked for anew, at once. */
  renew(): void {
    this.#asking?.abort()
    this.#asking = undefined
    this.refresh()
  }

  /** Something was stored: ask again, unless that was only just done. */
  news(): void {
    if (this.#paused || !isLive(this.#view)) return
    if (this.#asking) this.#news = true
    else if (this.#failed === 0) this.#plan(Math.max(this.#earliest - performance.now(), 0))
  }

  /** Asks for the first time, all that is not known. */
  start(): void {
    void this.#round(NAMES.filter(name => this.#snapshot[name]?.stale ?? true))
  }

  refresh(): void {
    if (this.#asking) return
    clearTimeout(this.#timer)
    void this.#round(NAMES)
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

  #publish(change: Snapshot): void {
    this.#snapshot = { ...this.#snapshot, ...change }
    this.#listener.onSnapshot(this.#snapshot)
  }

  async #round(names: readonly QuestionName[]): Promise<void> {
    const asking = new AbortController()
    this.#asking = asking
    this.#news = false
    const begun = performance.now()
    const at = serverNow()
    const window = windowOf(this.#view, at)
    const troubles = await Promise.all(names.map(name => this.#ask(name, window, at, asking.signal)))
    if (asking.signal.aborted) return

    this.#asking = undefined
    const ended = performance.now()
    const rest = Math.min((ended - begun) * REST, LONGEST_REST)
    this.#earliest = Math.max(begun + SHORTEST_PAUSE, ended + rest)
    this.#listener.onRound()
    if (troubles.some(trouble => trouble && passes(trouble))) return this.#plan(retryPause(++this.#failed))
    this.#failed = 0
    if (!isLive(this.#view)) return
    this.#plan(this.#news ? this.#earliest - ended : QUIET_PAUSE)
  }

  async #ask<Name extends QuestionName>(
    name: Name,
    window: Window,
    at: number,
    signal: AbortSignal,
  ): Promise<Trouble | null> {
    try {
      const value = await askQuestion(name, this.#view.filters, window, signal)
      if (!signal.aborted) this.#publish({ [name]: { value, window, at, trouble: null, stale: false } })
      return null
    } catch (error) {
      if (signal.aborted) return null
      const trouble = troubleOf(error)
      const last = this.#snapshot[name]
      const kept = last && !last.stale ? last : { value: null, window, at }
      this.#publish({ [name]: { ...kept, trouble, stale: false } })
      return trouble
    }
  }
}
