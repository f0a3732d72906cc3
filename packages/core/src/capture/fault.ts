/** Codes of what a stream or a socket says when the other side has gone. */
const DISCONNECTS = new Set([
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
  'ABORT_ERR',
  // The HTTP parser's word for a body that ended before its length.
  'HPE_INVALID_EOF_STATE',
])

/** Whether an error only says that the client has left. */
export function isDisconnect(error: unknown): boolean {
  const { code, name, type } = peek(error)
  // `type` is the word of Express's and Koa's body readers, whose code others use for timeouts.
  return DISCONNECTS.has(code as string) || name === 'AbortError' || type === 'request.aborted'
}

/** Whether a framework took the answer's 4xx status from the error itself. */
export function lendsStatus(error: unknown, status: number | null): boolean {
  if (status === null || status < 400) return false
  const { status: own, statusCode } = peek(error)
  return own === status || statusCode === status
}

const NAMES = ['code', 'name', 'status', 'statusCode', 'type'] as const

type Facts = { [Name in (typeof NAMES)[number]]?: unknown }

/** An error's properties may be getters that throw. */
function peek(error: unknown): Facts {
  const facts: Facts = {}
  if (typeof error !== 'object' || error === null) return facts
  for (const name of NAMES) {
    try {
      facts[name] = (error as Facts)[name]
    } catch {
      // Unknown.
    }
  }
  return facts
}
