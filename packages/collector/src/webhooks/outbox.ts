import { setTimeout as sleep } from 'node:timers/promises'
import { PrivateAddress } from './private.js'

/** What waits at most; beyond it, new ones are dropped. */
const MOST_WAITING = 100
/** Pauses before another try, milliseconds. */
const PAUSES = [1000, 5000, 30_000, 120_000, 600_000]

export interface Notice {
  id: string
  body: string
}

/** Delivers notices one after the other, in the order they came, beside everything else. */
export interface Outbox {
  add(notice: Notice): void
  /** Gives up what still waits. */
  close(): Promise<void>
}

function isWorthAnotherTry(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500
}

/**
 * @param deliver one attempt, resolving with the status
 * @param warn gets one line for each notice that is given up
 */
export function createOutbox(
  deliver: (notice: Notice) => Promise<number>,
  warn: (line: string) => void,
  pauses: readonly number[] = PAUSES,
): Outbox {
  const waiting: Notice[] = []
  const stop = new AbortController()
  let running: Promise<void> | undefined

  async function attempt(notice: Notice): Promise<string | undefined> {
    let failure = ''
    for (const pause of [0, ...pauses]) {
      // A tenth more or less: several collectors do not come all at once.
      await sleep(pause * (0.9 + Math.random() / 5), undefined, { signal: stop.signal })
      try {
        const status = await deliver(notice)
        if (status >= 200 && status < 300) return undefined
        failure = `it was answered with ${status}`
        if (!isWorthAnotherTry(status)) return failure
      } catch (error) {
        failure = (error as NodeJS.ErrnoException).code ?? (error as Error).message
        if (error instanceof PrivateAddress) return error.message
      }
    }
    return failure
  }

  async function run(): Promise<void> {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const failure = await attempt(next).catch(() => 'the collector is closing')
      if (failure !== undefined) warn(`The webhook did not get a notice (${failure}).`)
    }
    running = undefined
  }

  return {
    add(notice) {
      if (stop.signal.aborted) return
      if (waiting.length === MOST_WAITING) return warn('The webhook is too slow: a notice was dropped.')
      waiting.push(notice)
      running ??= run()
    },
    async close() {
      stop.abort()
      waiting.length = 0
      await running
    },
  }
}
