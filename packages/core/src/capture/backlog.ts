/** What happened, and is still to be made an event of. */
export interface Untold {
  /** Never throws. */
  tell(): void
}

/** So many are told at once. */
const MOST = 32
/** After so many milliseconds nothing waits any longer. */
const LATEST = 20

/**
 * Ended requests that no event was made of yet. Making one takes about a third less behind another: the
 * processor has the code for it at hand, which between two requests gives way to the application's.
 */
export class Backlog {
  readonly #untold: Untold[] = []
  #isTimed = false

  add(one: Untold): void {
    if (this.#untold.push(one) >= MOST) this.clear()
    else if (!this.#isTimed) {
      this.#isTimed = true
      const timer: { unref?: () => void } | number = setTimeout(() => {
        this.#isTimed = false
        this.clear()
      }, LATEST)
      if (typeof timer === 'object') timer.unref?.()
    }
  }

  /** Tells all of it. The application, which is asked about each, may call for the same in the middle of it. */
  clear(): void {
    for (let one = this.#untold.shift(); one; one = this.#untold.shift()) one.tell()
  }
}
