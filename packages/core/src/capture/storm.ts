const WHOLE_A_MINUTE = 10
const MINUTE_MS = 60_000
const REMEMBERED = 500

interface Seen {
  since: number
  sent: number
  /** Counted and not yet told of. */
  repeated: number
}

/** Lets the first ten equal exceptions a minute through and counts the others. */
export class Storm {
  readonly #seen = new Map<string, Seen>()
  /** Of exceptions forgotten since. */
  #untold = 0

  /**
   * @param key type, message and throw site
   * @returns how many equal ones were counted since the last that passed; `undefined`: count this one too
   */
  admit(key: string): number | undefined {
    const now = performance.now()
    let seen = this.#seen.get(key)
    if (!seen) {
      seen = { since: now, sent: 0, repeated: 0 }
      this.#seen.set(key, seen)
      if (this.#seen.size > REMEMBERED) this.#forgetOldest()
    } else if (now - seen.since >= MINUTE_MS) {
      seen.since = now
      seen.sent = 0
    }
    if (seen.sent >= WHOLE_A_MINUTE) {
      seen.repeated++
      return undefined
    }
    seen.sent++
    const { repeated } = seen
    seen.repeated = 0
    return repeated
  }

  /** All that was counted and not told of; told from now on. */
  takeUntold(): number {
    let untold = this.#untold
    this.#untold = 0
    for (const seen of this.#seen.values()) {
      untold += seen.repeated
      seen.repeated = 0
    }
    return untold
  }

  #forgetOldest(): void {
    const [key, seen] = this.#seen.entries().next().value as [string, Seen]
    this.#untold += seen.repeated
    this.#seen.delete(key)
  }
}
