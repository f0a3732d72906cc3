import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'
import type { Socket } from 'node:net'
import type { Outcome } from '../event/schema.js'

/** `status` is `null` if no header had left. */
export type ResponseEnd = (status: number | null, outcome: Outcome) => void

/**
 * Tells once how a response on Node ended: HTTP/1 (keep-alive and pipelined), HTTP/2's
 * compatibility objects, or a simulated request. It only listens, and leaves nothing behind.
 *
 * `ok` when the whole answer was handed to the system, `client_abort` when the client closed,
 * reset or cancelled, `stream_error` when this side broke off.
 */
export function watchResponse(request: IncomingMessage, response: ServerResponse, done: ResponseEnd): void {
  const judge = isHttp2(response) ? http2Judge(response) : http1Judge(request.socket, response)
  // A pipelined response waits for the ones before it without a socket, and hears nothing of the socket's end.
  const queued = response.socket === null
  const over = (): void => {
    response.off('close', over)
    if (queued) leaveQueue(request.socket, over)
    done(hadHeaderLeft(response) ? response.statusCode : null, judge())
  }
  if (isClosed(response)) {
    over()
    return
  }
  response.on('close', over)
  if (queued) joinQueue(request.socket, response, over)
}

function http1Judge(socket: Socket, response: ServerResponse): () => Outcome {
  return () => {
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
}

function http2Judge(response: Http2ServerResponse): () => Outcome {
  const { stream } = response
  // Known to the stream only while it lives.
  const { session } = stream
  return () => {
    if (stream.rstCode === NO_ERROR) return response.writableEnded ? 'ok' : 'stream_error'
    return stream.rstCode === CANCEL || session?.destroyed ? 'client_abort' : 'stream_error'
  }
}

// node:http2's constants, without loading the module.
const NO_ERROR = 0
const CANCEL = 8

function isHttp2(response: object): response is Http2ServerResponse {
  return 'stream' in response
}

function isClosed(response: ServerResponse): boolean {
  return isHttp2(response) ? response.stream.destroyed : response.closed
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
