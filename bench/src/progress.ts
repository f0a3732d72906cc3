export interface Step {
  readonly name: string
  /** How long it takes, or about. */
  readonly seconds: number
}

/** Says what is going on, and about how long all of it still takes. */
export class Progress {
  readonly #steps: readonly Step[]
  readonly #tell: (line: string) => void

  constructor(steps: readonly Step[], tell: (line: string) => void) {
    this.#steps = steps
    this.#tell = tell
  }

  /** @param share how much of the step is done, 0 to 1 */
  say(step: string, line: string, share = 0): void {
    const at = this.#steps.findIndex(({ name }) => name === step)
    const [now, ...later] = this.#steps.slice(Math.max(0, at))
    const left = later.reduce((sum, { seconds }) => sum + seconds, (now?.seconds ?? 0) * (1 - share))
    this.#tell(`${line} (about ${left < 90 ? `${Math.round(left)} s` : `${Math.round(left / 60)} min`} left)`)
  }
}
