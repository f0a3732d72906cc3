import type { EventProperties } from '../event/schema.js'

/** A WebSocket, as whoever serves it sees it. Nothing in it ever throws. */
export interface SocketRecord {
  /** A message has come in. */
  received(): void
  /** A message goes out. */
  sent(): void
  /** A handler threw: an exception of the request that opened the socket. */
  fail(error: unknown): void
  /**
   * The socket is closed. The first call counts.
   * @param code as in RFC 6455; 1006 where the connection was lost without one
   */
  close(code: number): void
}

/** The request that opened a socket, by which all its events are told. */
export interface SocketOrigin {
  tell(event: 'websocket_connect' | 'websocket_disconnect', properties: EventProperties): void
  report(error: unknown): void
}

/** Tells of a socket: `websocket_connect` now, `websocket_disconnect` at its end. */
export function openSocket(origin: SocketOrigin): SocketRecord {
  const start = performance.now()
  let messages_in = 0
  let messages_out = 0
  let closed = false
  origin.tell('websocket_connect', {})
  return {
    received() {
      messages_in++
    },
    sent() {
      messages_out++
    },
    fail: error => origin.report(error),
    close(close_code) {
      if (closed) return
      closed = true
      const duration_ms = Math.round((performance.now() - start) * 100) / 100
      origin.tell('websocket_disconnect', { close_code, duration_ms, messages_in, messages_out })
    },
  }
}

/** Stands in where there is nothing to record. */
export const NO_SOCKET: SocketRecord = Object.freeze({ received() {}, sent() {}, fail() {}, close() {} })
