import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import type { Outcome } from '../event/schema.js'

/**
 * @param status `null` if no header had left
 * @param error what broke a `stream_error`, where it can be seen: what the response was destroyed with,
 *   or what the stream that was piped into it failed of
 */
export type ResponseEnd = (status: number | null, outcome: Outcome, error?: unknown) => void

/**
 * Names of what is asked of every response, passed and not written where they are asked: of Express's requests and
 * responses, which on Node 20 have maps of their own, V8 finds these sooner. @justanalytics/express says more. Where
 * maps are shared it makes no difference.
 */
const SOCKET = 'socket'
const VERSION = 'httpVersionMajor'
const DESTROYED = 'destroyed'
const STATUS = 'statusCode'

/**
 * Tells once how a response on Node ended: HTTP/1 (keep-alive and pipelined), HTTP/2's
 * compatibility objects, or a simulated request. It only listens, and leaves nothing on what outlives the response.
 *
 * `ok` when the whole answer was handed to the system, `client_abort` when the client closed,
 * reset or cancelled, `stream_error` when this side broke off.
 */
export function watchResponse(request: IncomingMessage, response: ServerResponse, done: ResponseEnd): void {
  const socket = request[SOCKET]
  const http2 = request[VERSION] === 2 ? (response as unknown as Http2ServerResponse) : undefined
  // An HTTP/2 session is known to its stream only while that lives.
  const session = http2?.stream.session
  // A pipelined response waits for the ones before it without a socket, and hears nothing of the socket's end.
  const queued = response[SOCKET] === null
  let body: Readable | undefined
  let isOver = false
  const over = (): void => {
    if (isOver) return
    isOver = true
    if (queued) leaveQueue(socket, over)
    // How nearly all end, told in one look as each one costs: a response gives its socket up once all of it has left.
    if (!http2 && !queued && response[SOCKET] === null && !socket.errored) {
      done(response[STATUS], 'ok')
      return
    }
    const outcome = http2 ? http2Outcome(http2, session) : http1Outcome(socket, response)
    const error = outcome === 'stream_error' ? (errorOf(response) ?? errorOf(body)) : undefined
    done(hadHeaderLeft(response) ? response.statusCode : null, outcome, error)
  }
  if (http2 ? http2.stream.destroyed : response[DESTROYED] && response.closed) {
    over()
    return
  }
  response.on('close', over)
  response.on('pipe', (source: Readable) => {
    body = source
  })
  if (queued) joinQueue(socket, response, over)
}

function http1Outcome(socket: Socket, response: ServerResponse): Outcome {
  const { errored } = socket
  // A simulated response is never flushed; a real one that is not has lost its socket.
  const sent = response.writableFinished || (response.writableEnded && !socket.destroyed)
  // A reset while the last bytes were still in the buffer comes with `finish` all the same.
  if (sent && !errored) return 'ok'
  // The client's FIN was read before the socket closed.
  if (socket.readableEnded) return 'client_abort'
  // What `response.destroy(error)` passes on to the socket is ours; a reset, a broken pipe or a
  // parser's complaint has a code and comes from the other side.
  return errored && errored !== response.errored && 'code' in errored ? 'client_abort' : 'stream_error'
}

function http2Outcome({ stream, writableEnded }: Http2ServerResponse, session: Session): Outcome {
  if (stream.rstCode === NO_ERROR) return writableEnded ? 'ok' : 'stream_error'
  return stream.rstCode === CANCEL || session?.destroyed ? 'client_abort' : 'stream_error'
}

type Session = Http2ServerResponse['stream']['session']

/** The error that ended a stream, unless it only says that another one had ended. */
function errorOf(stream: ServerResponse | Readable | undefined): unknown {
  const error: NodeJS.ErrnoException | null | undefined =
    stream && isHttp2(stream) ? stream.stream.errored : stream?.errored
  return error?.code === 'ERR_STREAM_PREMATURE_CLOSE' || error?.code === 'ERR_HTTP2_STREAM_ERROR'
    ? undefined
    : (error ?? undefined)
}

// node:http2's constants, without loading the module.
const NO_ERROR = 0
const CANCEL = 8

function isHttp2(response: object): response is Http2ServerResponse {
  return 'stream' in response
}

function hadHeaderLeft(response: ServerResponse): boolean {
  // A response that never had its turn may have headers, but never a socket for them to leave by.
  return response.headersSent && (response.writableFinished || response.socket !== null)
}

/** One listener a socket, however many requests a client pipelines. */
const queues = new WeakMap<Socket, Set<() => void>>()

function joinQueue(socket: Socket, response: ServerResponse, over: () => void): void {
  const queue = queues.get(socket) ?? new Set()
  if (queue.size === 0) {
    queues.set(socket, queue)
    socket.on('close', endQueue)
  }
  queue.add(over)
  response.once('socket', () => leaveQueue(socket, over))
}

function leaveQueue(socket: Socket, over: () => void): void {
  const queue = queues.get(socket)
  if (queue?.delete(over) && queue.size === 0) socket.off('close', endQueue)
}

function endQueue(this: Socket): void {
  for (const over of queues.get(this) ?? []) over()
}
