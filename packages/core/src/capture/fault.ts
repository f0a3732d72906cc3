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
  const { code, name } = peek(error)
  return DISCONNECTS.has(code as string) || name === 'AbortError'
}

/** Whether a framework took the answer's 4xx status from the error itself. */
export function lendsStatus(error: unknown, status: number | null): boolean {
  if (status === null || status < 400) return false
  const { status: own, statusCode } = peek(error)
  return own === status || statusCode === status
}

/** An error's properties may be getters that throw. */
function peek(error: unknown): Record<'code' | 'name' | 'status' | 'statusCode', unknown> {
  const facts = { code: undefined, name: undefined, status: undefined, statusCode: undefined } as Record<
    'code' | 'name' | 'status' | 'statusCode',
    unknown
  >
  if (typeof error !== 'object' || error === null) return facts
  for (const name of Object.keys(facts) as (keyof typeof facts)[]) {
    try {
      facts[name] = (error as typeof facts)[name]
    } catch {
      // Unknown.
    }
  }
  return facts
}
