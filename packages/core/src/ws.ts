import type { IncomingMessage } from 'node:http'
import { createHttpCapture, type RequestReader } from './capture/http.js'
import { observeServer, observeSocket, runHandler, type SocketServer } from './capture/node-socket.js'
import type { Analytics } from './client.js'
import type { AdapterOptions } from './options.js'

export type WebSocketOptions = AdapterOptions<IncomingMessage>

/** Takes a handler of `connection` and returns the one to be used in its place. */
export interface ObserveHandler {
  <Socket extends object>(
    handler: (socket: Socket, request: IncomingMessage) => unknown,
  ): (socket: Socket, request: IncomingMessage) => unknown
  readonly client: Analytics
  /** For when the server has closed: sends what is left; a client that was passed in stays open. */
  close(): Promise<boolean>
}

/**
 * Observes a WebSocket server of the `ws` package (8): the upgrade is one request event with status 101, then come
 * `websocket_connect`, `websocket_disconnect` and an exception for each handler that threw.
 *
 * ```ts
 * const sockets = new WebSocketServer({ server })
 * const observe = observeWebSockets(sockets, { client: analytics.client })
 * sockets.on('connection', observe((socket, request) => { … }))
 * ```
 *
 * A handshake that `ws` refuses is no request of the application, and has no event.
 * @throws {JustAnalyticsError} for a wrong option
 */
export function observeWebSockets(
  server: SocketServer & { readonly options: { readonly path?: string | null | undefined } },
  options: WebSocketOptions = {},
): ObserveHandler {
  const reader: RequestReader<IncomingMessage> = {
    sdk: 'ws',
    identity: request => request,
    method: request => request.method ?? 'GET',
    url: request => request.url ?? '/',
    headers: request => request.headers,
    address: request => request.socket.remoteAddress,
    route: () => server.options.path ?? undefined,
  }
  const http = createHttpCapture(reader, options)
  if (http.enabled) observeServer(server)

  function observe<Socket extends object>(
    handler: (socket: Socket, request: IncomingMessage) => unknown,
  ): (socket: Socket, request: IncomingMessage) => unknown {
    if (!http.enabled) return handler
    return function observed(this: unknown, socket, request) {
      const record = http.join(request) ?? http.begin(request)
      const told = observeSocket(socket, () => record.upgrade())
      return http.enter(record, () => runHandler(told, () => handler.call(this, socket, request)))
    }
  }
  return Object.assign(observe, { client: http.client, close: () => http.close() })
}
