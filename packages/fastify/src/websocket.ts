import type { IncomingMessage } from 'node:http'
import {
  type HttpCapture,
  observeServer,
  observeSocket,
  type RequestRecord,
  runHandler,
  type SocketServer,
} from '@justanalytics/core/adapter'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** What @fastify/websocket decorates an application with. */
interface Sockets extends SocketServer {
  on(event: 'connection', listener: (socket: object, raw: IncomingMessage) => void): void
}

/** What it adds to a route, whose handler is then one for sockets. */
interface SocketRoute {
  websocket?: boolean
  handler?: SocketHandler
  wsHandler?: SocketHandler
}

type SocketHandler = (this: FastifyInstance, socket: object, request: FastifyRequest) => unknown

/**
 * Tells of the WebSockets of @fastify/websocket. What their handlers throw shows only where this is registered
 * before it: afterwards they are out of reach.
 */
export function observeWebSockets(
  app: FastifyInstance,
  http: HttpCapture<FastifyRequest>,
  recordOf: (raw: IncomingMessage) => RequestRecord | undefined,
): void {
  const seen = new WeakSet<Sockets>()

  function observe(within: FastifyInstance): void {
    const sockets = (within as { websocketServer?: Sockets }).websocketServer
    if (!sockets || seen.has(sockets)) return
    seen.add(sockets)
    observeServer(sockets)
    sockets.on('connection', (socket, raw) => {
      const record = recordOf(raw)
      if (record) observeSocket(socket, () => record.upgrade())
    })
  }

  function observing(handler: SocketHandler): SocketHandler {
    return function observed(socket, request) {
      const record = recordOf(request.raw)
      if (!record) return handler.call(this, socket, request)
      const told = observeSocket(socket, () => record.upgrade())
      return http.enter(record, () => runHandler(told, () => handler.call(this, socket, request)))
    }
  }

  observe(app)
  const isLate = app.hasDecorator('websocketServer')
  app.addHook('onRoute', function (this: FastifyInstance, options) {
    observe(this)
    const route = options as object as SocketRoute
    if (isLate) return
    if (route.wsHandler) route.wsHandler = observing(route.wsHandler)
    else if (route.websocket && route.handler) route.handler = observing(route.handler)
  })
}
