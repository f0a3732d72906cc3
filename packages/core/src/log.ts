import { isPromise } from './promise.js'

/** Where warnings go. The default writes to stderr. */
export interface Logger {
  /** One line a problem, beginning `[justanalytics]`, without a line break at its end. */
  warn(line: string): void
}

/** Says a problem in one sentence; equal sentences are let through once in {@link QUIET_MS}. */
export type Warn = (sentence: string) => void

const QUIET_MS = 5 * 60_000
const REMEMBERED = 50
/** A shorter key is no secret, and its letters stand in every sentence. */
const LEAST_SECRET = 8

const stderr: Logger = {
  warn(line) {
    if (typeof process === 'object' && process.stderr) process.stderr.write(`${line}\n`)
    else console.warn(line)
  },
}

/**
 * @param secret is masked wherever it turns up in a line, if it has 8 characters or more: an endpoint's error may
 *   quote what it was sent.
 */
export function createWarn(logger: Logger = stderr, secret?: string): Warn {
  const said = new Map<string, number>()
  const mask = (line: string) =>
    secret && secret.length >= LEAST_SECRET ? line.replaceAll(secret, '[redacted]') : line
  return sentence => {
    const now = performance.now()
    const last = said.get(sentence)
    if (last !== undefined && now - last < QUIET_MS) return
    said.delete(sentence)
    said.set(sentence, now)
    if (said.size > REMEMBERED) said.delete(said.keys().next().value as string)
    const line = `[justanalytics] ${sentence.replace(/\s+/g, ' ')}`
    try {
      isPromise(logger.warn(mask(line)))
    } catch {
      // A broken logger must not become the application's problem.
    }
  }
}

/** An error in a few words; what is thrown may refuse to be printed. */
export function printed(error: unknown): string {
  try {
    return String(error).slice(0, 200)
  } catch {
    return typeof error
  }
}
