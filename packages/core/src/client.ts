import type { Intake } from './capture/intake.js'
import { captureError, captureEvent } from './capture/verbs.js'
import type { Stats } from './queue/ledger.js'

/** A client. After its construction nothing in it ever throws or rejects. */
export interface Analytics extends AsyncDisposable {
  /** `false` where a key or a site id is missing: it takes everything and sends nothing. */
  readonly enabled: boolean
  /** Captures a custom event; its properties are copied now and lie flat in the event. */
  capture(event: string, properties?: Record<string, unknown>): void
  /** Reports an error, or whatever else was thrown. */
  captureException(error: unknown, properties?: Record<string, unknown>): void
  /**
   * Sends what is queued now.
   * @param timeout milliseconds, default 5,000
   * @returns `true` when all that was captured before the call is delivered
   */
  flush(timeout?: number): Promise<boolean>
  /**
   * Flushes, drops what is left (`closed`) unless there is a spool to leave it in, releases sockets and timers.
   * @param timeout milliseconds, default 2,000
   * @returns as `flush`
   */
  close(timeout?: number): Promise<boolean>
  /** Where every captured event is now. */
  stats(): Stats
}

const SDK = 'core'
const FLUSH_MS = 5000
const CLOSE_MS = 2000
/** setTimeout takes no more. */
const LONGEST_MS = 2 ** 31 - 1

const intakes = new WeakMap<Analytics, Intake>()

/** The room behind a client; `undefined` for a disabled one. For adapters. */
export function intakeOf(client: Analytics): Intake | undefined {
  return intakes.get(client)
}

/** What differs between a client that sends and one that records. */
export interface Ending {
  /** Timeouts in milliseconds, already checked. */
  flush(timeout: number): Promise<boolean>
  close(timeout: number): Promise<boolean>
  stats(): Stats
}

/** The client's verbs over an intake. They need no `this`, so they may be handed around. */
export function assemble<Extra extends object>(
  intake: Intake,
  ending: Ending,
  extra: Extra,
): Analytics & Extra {
  /** Whoever asks gets an answer about all that has happened. */
  const upToDate = (): Ending => {
    intake.backlog?.clear()
    return ending
  }
  const close = (timeout?: number): Promise<boolean> => upToDate().close(milliseconds(timeout, CLOSE_MS))
  const client: Analytics & Extra = {
    ...extra,
    enabled: true,
    capture: (event, properties) => captureEvent(intake, SDK, event, properties),
    captureException: (error, properties) =>
      captureError(intake, error, { sdk: SDK, mechanism: 'manual', custom: properties }),
    flush: timeout => upToDate().flush(milliseconds(timeout, FLUSH_MS)),
    close,
    stats: () => upToDate().stats(),
    [Symbol.asyncDispose]: async () => void (await close()),
  }
  intakes.set(client, intake)
  return Object.freeze(client)
}

/** A client that takes everything and sends nothing. */
export function disabled(): Analytics {
  const stats: Stats = {
    captured: 0,
    adopted: 0,
    delivered: 0,
    queued: 0,
    inFlight: 0,
    spooled: 0,
    retries: 0,
    dropped: {},
  }
  return Object.freeze({
    enabled: false,
    capture() {},
    captureException() {},
    flush: async () => true,
    close: async () => true,
    stats: () => ({ ...stats, dropped: {} }),
    [Symbol.asyncDispose]: async () => {},
  })
}

function milliseconds(given: number | undefined, fallback: number): number {
  return typeof given === 'number' && given >= 0 ? Math.min(given, LONGEST_MS) : fallback
}
