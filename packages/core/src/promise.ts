/**
 * Whether a callback of the application answered with a promise where none is awaited. Should it reject, that is
 * nobody's unhandled rejection: it would end the process.
 */
export function isPromise(answer: unknown): boolean {
  try {
    if (typeof (answer as PromiseLike<unknown> | null)?.then !== 'function') return false
    Promise.resolve(answer).catch(() => {})
    return true
  } catch {
    // A `then` that cannot even be looked at.
    return false
  }
}
