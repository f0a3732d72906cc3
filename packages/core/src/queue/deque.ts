import type { Entry } from './entry.js'

/** Events in the order of their capture; at both ends it costs the same however long it is. */
export class Deque {
  #items: (Entry | undefined)[] = []
  #head = 0

  get first(): Entry | undefined {
    return this.#items[this.#head]
  }

  insert(entry: Entry): void {
    const { order } = entry
    // Stryker disable next-line UnaryOperator,BlockStatement: only the cost differs
    if ((this.#items.at(-1)?.order ?? -1) < order) {
      this.#items.push(entry)
      return
    }
    let at = this.#head
    while ((this.#items[at]?.order ?? order) < order) at++
    // Stryker disable next-line ConditionalExpression,EqualityOperator: only the cost differs
    if (at === this.#head && at > 0) this.#items[--this.#head] = entry
    else this.#items.splice(at, 0, entry)
  }

  shift(): Entry | undefined {
    const entry = this.#items[this.#head]
    if (!entry) return undefined
    this.#items[this.#head++] = undefined
    // Stryker disable next-line all: only the cost differs
    if (this.#head > 1000 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return entry
  }

  remove(test: (entry: Entry) => boolean): Entry[] {
    const removed: Entry[] = []
    const kept: Entry[] = []
    for (const entry of this) (test(entry) ? removed : kept).push(entry)
    this.#items = kept
    this.#head = 0
    return removed
  }

  *[Symbol.iterator](): Generator<Entry> {
    for (let at = this.#head; at < this.#items.length; at++) yield this.#items[at] as Entry
  }
}
