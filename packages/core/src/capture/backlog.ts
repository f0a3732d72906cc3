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
  /** Of these, so many have been told. */
  #told = 0
  #isTimed = false

  add(one: Untold): void {
    if (this.#untold.push(one) - this.#told >= MOST) this.clear()
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
    while (this.#told < this.#untold.length) this.#untold[this.#told++]?.tell()
    this.#untold.length = 0
    this.#told = 0
  }
}
