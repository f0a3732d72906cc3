import type { IncomingMessage } from 'node:http'
import {
  observeServer,
  observeSocket,
  type RequestRecord,
  runHandler,
  type SocketRecord,
  type SocketServer,
  within,
} from '@justanalytics/core/adapter'
import type { Context } from 'hono'
import { isWorkers, nodeOf } from './runtime.js'

/** What Hono hands to a socket's handlers; `raw` is the runtime's own socket. */
interface Socket {
  readonly raw?: object
  send(...args: unknown[]): void
}

type Handler = (event: { code: number }, socket: Socket) => unknown
type Events = Partial<Record<'onOpen' | 'onMessage' | 'onClose' | 'onError', Handler>>

/** A server of `ws`, as @hono/node-server 2 passes it on. */
export interface Sockets extends SocketServer {
  on(event: 'connection', listener: (socket: object, raw: IncomingMessage) => void): void
}

const seen = new WeakSet<Sockets>()
const upgrading = new WeakMap<IncomingMessage, RequestRecord>()
/** Sockets whose server counts their messages. */
const counted = new WeakSet<object>()
const flushes = new WeakMap<Context, () => void>()

export function isUpgrade(c: Context): boolean {
  return c.req.header('upgrade')?.toLowerCase() === 'websocket'
}

/**
 * Tells of the socket that a request may become, as far as that can be seen from outside.
 * @param flush sees to it that what is told leaves, where no process does
 */
export function expectSocket(c: Context, record: RequestRecord, flush: () => void): void {
  flushes.set(c, flush)
  const { incoming, wss: sockets } = nodeOf(c)
  if (!incoming || !sockets) return
  upgrading.set(incoming, record)
  if (seen.has(sockets)) return
  seen.add(sockets)
  observeServer(sockets)
  sockets.on('connection', (socket, raw) => {
    const opened = upgrading.get(raw)
    if (!opened) return
    counted.add(socket)
    observeSocket(socket, () => opened.upgrade())
  })
}

/**
 * Has a runtime's `upgradeWebSocket` tell of its sockets: `websocket_connect`, `websocket_disconnect` and an
 * exception for each handler that throws. It is used in the other's place.
 *
 * ```ts
 * const upgrade = observeWebSockets(upgradeWebSocket)
 * app.get('/live', upgrade(c => ({ onMessage: (event, ws) => ws.send('…') })))
 * ```
 */
export function observeWebSockets<Upgrade extends (...args: never[]) => unknown>(upgrade: Upgrade): Upgrade {
  const call = upgrade as unknown as (...args: unknown[]) => unknown

  function observed(
    first: Context | ((c: Context) => Events | Promise<Events>),
    ...rest: unknown[]
  ): unknown {
    if (typeof first !== 'function') return call(first, observe(first, rest[0] as Events), ...rest.slice(1))
    return call(async (c: Context) => observe(c, await first(c)), ...rest)
  }
  return observed as unknown as Upgrade
}

function observe(c: Context, events: Events): Events {
  const record = c.get('analytics') as RequestRecord | undefined
  if (!record || !isUpgrade(c)) return events
  let told: SocketRecord | undefined
  const open = (socket: Socket): SocketRecord => {
    told ??= observeSocket(socket.raw ?? socket, () => record.upgrade())
    return told
  }
  // There a socket is open from the start, without an event that says so.
  if (isWorkers) told = record.upgrade()

  function run(name: keyof Events, event: { code: number }, socket: Socket): unknown {
    try {
      const handler = () => events[name]?.(event, counting(socket, open(socket)))
      return within(record, () => runHandler(open(socket), handler))
    } finally {
      if (name === 'onClose') open(socket).close(event.code)
      flushes.get(c)?.()
    }
  }
  return {
    ...events,
    onOpen: (event, socket) => run('onOpen', event, socket),
    onMessage(event, socket) {
      if (!isCounted(socket)) open(socket).received()
      return run('onMessage', event, socket)
    },
    onClose: (event, socket) => run('onClose', event, socket),
    // What Bun does with an error depends on whether there is a handler for it.
    ...(events.onError && { onError: (event, socket) => run('onError', event, socket) }),
  }
}

const isCounted = ({ raw }: Socket): boolean => raw !== undefined && counted.has(raw)

const views = new WeakMap<Socket, Socket>()

/** The socket as a handler sees it: what it sends is counted. */
function counting(socket: Socket, told: SocketRecord): Socket {
  if (isCounted(socket)) return socket
  let view = views.get(socket)
  if (!view) {
    view = new Proxy(socket, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target)
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => {
          if (name === 'send') told.sent()
          return value.apply(target, args)
        }
      },
      set: (target, name, value) => Reflect.set(target, name, value, target),
    })
    views.set(socket, view)
  }
  return view
}
