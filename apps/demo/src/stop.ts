import { setTimeout as wait } from 'node:timers/promises'

/** Thrown where the demo waits when it is told to end. */
export class Stopped extends Error {}

/** Ctrl-C and its like, for a demo that mostly waits. */
export interface Stop {
  /** The result of some work, or {@link Stopped}, whichever comes first. */
  orDone<T>(work: Promise<T>): Promise<T>
  /** Waits for a condition. @throws Stopped, or what `failure` returns */
  until(condition: () => boolean, failure: () => unknown): Promise<void>
}

const LOOK_EVERY = 50

/** The first signal ends the demo in good order, the second one at once. */
export function createStop(): Stop {
  let stopped = false
  let tell = (): void => {}
  const told = new Promise<never>((_, reject) => {
    tell = () => {
      if (stopped) process.exit(130)
      stopped = true
      reject(new Stopped())
    }
  })
  told.catch(() => {})
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, tell)
  // Nobody reads any more: `pnpm demo | head`.
  process.stdout.once('error', tell)

  return {
    orDone: work => Promise.race([work, told]),

    async until(condition, failure) {
      while (!condition()) {
        if (stopped) throw new Stopped()
        const error = failure()
        if (error !== undefined) throw error
        await wait(LOOK_EVERY)
      }
    },
  }
}
