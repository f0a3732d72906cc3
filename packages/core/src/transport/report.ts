import type { Meaning } from './answers.js'

/** The one event about lost events: it stays the same until it got through. */
export class Report {
  readonly #make: () => string | undefined
  #text: string | undefined
  #isUnderWay = false
  #isAlone = false

  /** @param make asked for a text when there is something to tell and a request to tell it with */
  constructor(make: () => string | undefined) {
    this.#make = make
  }

  /** A batch was refused with it: it goes by itself. */
  get isAlone(): boolean {
    return this.#isAlone
  }

  /** Its text, for a batch to take along. */
  board(): string | undefined {
    return this.#isAlone ? undefined : this.leave()
  }

  /** Its text, for a request of its own. */
  leave(): string | undefined {
    if (this.#isUnderWay) return undefined
    this.#text ??= this.#make()
    this.#isUnderWay = this.#text !== undefined
    return this.#text
  }

  /**
   * What became of the request; `undefined`: it failed.
   * @returns whether the events that were in it are to be sent once more without it
   */
  arrive(meaning: Meaning | undefined, hadCompany: boolean): boolean {
    this.#isUnderWay = false
    const isRefused = meaning === 'refused' || meaning === 'too_large'
    if (meaning === 'taken' || (isRefused && !hadCompany)) {
      this.#text = undefined
      this.#isAlone = false
    } else if (isRefused) this.#isAlone = true
    return isRefused && hadCompany
  }
}
