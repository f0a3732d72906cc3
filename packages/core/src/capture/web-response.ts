import type { ResponseEnd } from './node-response.js'

/** Statuses that never have a body. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([101, 103, 204, 205, 304])

/**
 * Tells once how a response of the platform's own kind ended. One that is no stream ends here, or when `sent`
 * settles, where the platform has such a promise. A stream is followed through a stream around it.
 * @returns what to answer with: the response itself, unless it is a stream
 */
export function watchWebResponse(
  response: Response,
  done: ResponseEnd,
  { hasBody = true, sent }: { hasBody?: boolean; sent?: Promise<unknown> | undefined } = {},
): Response {
  const { status } = response
  const end = (): void => done(status, 'ok')
  const stream = hasBody && !WITHOUT_BODY.has(status) ? streamOf(response) : undefined
  if (stream) return new Response(follow(stream.getReader(), status, done), response)
  if (sent) sent.then(end, end)
  else end()
  return response
}

function follow(
  reader: ReadableStreamDefaultReader<unknown>,
  status: number,
  done: ResponseEnd,
): ReadableStream {
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done: over, value } = await reader.read()
          if (!over) {
            controller.enqueue(value)
            return
          }
          controller.close()
          done(status, 'ok')
        } catch (error) {
          controller.error(error)
          done(status, 'stream_error', error)
        }
      },
      cancel(reason) {
        done(status, 'client_abort')
        return reader.cancel(reason)
      },
    },
    // Nothing is read ahead of whoever reads this.
    { highWaterMark: 0 },
  )
}

interface Globals {
  readonly Bun?: { inspect(value: unknown): string }
  readonly Deno?: object
}

const { Bun, Deno } = globalThis as Globals

/**
 * The body of a response that is made while it is sent. A text or bytes are left alone: wrapped, they would lose
 * their length on the way, and so is what a platform passes on by itself, such as another server's answer.
 */
function streamOf(response: Response): ReadableStream | undefined {
  // Deno writes some header names another way once `headers` was touched; a stream's it does not.
  if (Deno && response.status !== 200) return undefined
  const { headers } = response
  if (headers.has('content-length')) return undefined
  const isDeclared =
    headers.has('transfer-encoding') || /^text\/event-stream\b/i.test(headers.get('content-type') ?? '')
  if (!isDeclared && !looksLikeStream(response)) return undefined
  return response.body && !response.body.locked ? response.body : undefined
}

function looksLikeStream(response: Response): boolean {
  // On Bun a text loses its content type as soon as `body` is touched; how a response prints tells without.
  if (Bun) return /\bReadableStream\b/.test(Bun.inspect(response))
  // On Deno the body of a text is a stream like any other.
  if (Deno || !response.body) return false
  // By the standard, the stream of a text or of bytes is a byte stream; one that JavaScript made rarely is.
  try {
    response.body.getReader({ mode: 'byob' }).releaseLock()
    return false
  } catch {
    return !response.body.locked
  }
}
