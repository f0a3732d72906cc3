import type { ErrorFacts } from '../event/exception.js'
import type { Draft, Intake } from './intake.js'

/** How long an error reported by hand is kept back: it may be thrown next. */
const PATIENCE_MS = 5000
const KEPT = 50

interface Withheld {
  readonly owner: object
  readonly error: unknown
  readonly draft: Draft
  readonly facts: ErrorFacts
  readonly until: number
}

/**
 * Exceptions that tasks reported by hand. Each is sent when its task has ended some other way than by throwing
 * it, or when it has waited long enough.
 */
export class WithheldExceptions {
  readonly #intake: Intake
  #items: Withheld[] = []
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(intake: Intake) {
    this.#intake = intake
  }

  add(owner: object, error: unknown, { draft, facts }: { draft: Draft; facts: ErrorFacts }): void {
    this.#items.push({ owner, error, draft, facts, until: performance.now() + PATIENCE_MS })
    if (this.#items.length > KEPT) this.#release(this.#items[0] as Withheld)
    this.#watch()
  }

  /** The owner's task has ended by throwing `error`: its own event tells of it, so it is taken out. */
  claim(owner: object, error: unknown): Draft | undefined {
    const claimed = this.#items.find(item => item.owner === owner && item.error === error)
    if (claimed) this.#remove(claimed)
    return claimed?.draft
  }

  /** The owner's task has ended. */
  settle(owner: object): void {
    this.#releaseWhere(item => item.owner === owner)
  }

  settleAll(): void {
    this.#releaseWhere(() => true)
  }

  #watch(): void {
    const [oldest] = this.#items
    if (!oldest || this.#timer) return
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined
        const now = performance.now()
        this.#releaseWhere(item => item.until <= now)
        this.#watch()
      },
      Math.max(1, oldest.until - performance.now()),
    )
    this.#timer.unref?.()
  }

  #releaseWhere(test: (item: Withheld) => boolean): void {
    for (const item of this.#items.filter(test)) this.#release(item)
  }

  #release(item: Withheld): void {
    this.#remove(item)
    this.#intake.takeException(item.draft, item.facts)
  }

  #remove(item: Withheld): void {
    this.#items.splice(this.#items.indexOf(item), 1)
    if (this.#items.length > 0) return
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
