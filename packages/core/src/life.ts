/** What a client does when its process ends. */
export interface Mortal {
  /** The event loop is empty: there is time for one more batch, and nothing keeps the process but that. */
  leave(): Promise<void>
  /** The process ends now, synchronously. */
  abandon(): void
  /** An error that nobody caught; `dies` where the process ends of it. */
  crash?(error: unknown, origin: NodeJS.UncaughtExceptionOrigin, dies: boolean): void
}

const mortals = new Set<Mortal>()

function beforeExit(): void {
  // Behind the application's own listeners, which may still capture.
  process.nextTick(() => {
    for (const mortal of mortals) void mortal.leave()
  })
}

function exit(): void {
  for (const mortal of mortals) mortal.abandon()
}

/** Node's monitor only looks on: exit code and stderr stay what they are. */
function crash(error: unknown, origin: NodeJS.UncaughtExceptionOrigin): void {
  const dies =
    process.listenerCount('uncaughtException') === 0 && !process.hasUncaughtExceptionCaptureCallback()
  for (const mortal of mortals) mortal.crash?.(error, origin, dies)
}

/**
 * Watches the end of this process for a client. One listener serves all clients of the process:
 * Node warns on stderr from the eleventh on.
 * @returns stops watching
 */
export function watchProcess(mortal: Mortal): () => void {
  if (typeof process !== 'object' || typeof process.on !== 'function') return () => {}
  if (mortals.size === 0) process.on('beforeExit', beforeExit).on('exit', exit)
  mortals.add(mortal)
  if (mortal.crash) process.off('uncaughtExceptionMonitor', crash).on('uncaughtExceptionMonitor', crash)
  return () => {
    mortals.delete(mortal)
    if (![...mortals].some(other => other.crash)) process.off('uncaughtExceptionMonitor', crash)
    if (mortals.size === 0) process.off('beforeExit', beforeExit).off('exit', exit)
  }
}
