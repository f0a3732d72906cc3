import type { Analytics } from '@justanalytics/core'
import {
  type AdapterOptions,
  beginRequest,
  closeBehindServer,
  createHttpCapture,
  type RequestAnalytics,
  type RequestReader,
  type RequestRecord,
  type RouteControl,
} from '@justanalytics/core/adapter'
import type { Context, MiddlewareHandler, Next } from 'hono'
import { endOffNode } from './off-node.js'
import { routeOf } from './route.js'
import { addressOf, headersFor, keepHeaders, nodeOf, variablesOf, waitUntil } from './runtime.js'
import { expectSocket, isUpgrade } from './websocket.js'

export type JustAnalyticsOptions = AdapterOptions<Context>

declare module 'hono' {
  interface ContextVariableMap {
    /** Captures with this request's id and user. */
    analytics: RequestAnalytics
  }
}

/** The middleware, with the client behind it. */
export interface JustAnalytics extends MiddlewareHandler {
  /** The client itself, for what happens outside a request. On Workers it has its key from the first request on. */
  readonly client: Analytics
  /** For when the server has closed: sends what is left; a client that was passed in stays open. */
  close(): Promise<boolean>
}

const reader: RequestReader<Context> = {
  sdk: 'hono',
  identity: c => nodeOf(c).incoming ?? c,
  method: c => nodeOf(c).incoming?.method ?? c.req.method,
  url: c => {
    const { incoming } = nodeOf(c)
    // Express takes the place where it mounts an application off the URL.
    return incoming?.originalUrl ?? incoming?.url ?? c.req.url
  },
  headers: headersFor,
  address: addressOf,
  route: routeOf,
}

/**
 * Hono middleware: one event for every request, and an exception for every one that failed. It goes before all
 * others.
 * @throws {JustAnalyticsError} for a wrong option
 */
export function justanalytics(options: JustAnalyticsOptions = {}): JustAnalytics {
  let http = createHttpCapture(reader, options)
  let knowsVariables = http.enabled

  function readVariables(c: Context): void {
    knowsVariables = true
    try {
      const late = variablesOf(c)
      if (late) http = createHttpCapture(reader, options, late)
    } catch (error) {
      // A wrong variable, at a time when nothing may throw any more.
      const logger = options.logger ?? console
      logger.warn(`[justanalytics] ${(error as Error).message}`)
    }
  }

  function begin(c: Context): RequestRecord {
    const { incoming, outgoing } = nodeOf(c)
    if (incoming && outgoing) return beginRequest(http, c, incoming, outgoing)
    keepHeaders(c)
    return http.begin(c)
  }

  const flush = (): Promise<boolean> => http.client.flush()

  async function analytics(c: Context, next: Next): Promise<void> {
    if (!knowsVariables) readVariables(c)
    const joined = http.join(c)
    const record = joined ?? begin(c)
    c.set('analytics', record)
    const isOurs = http.enabled && !joined && !nodeOf(c).outgoing
    if (isOurs && isUpgrade(c)) expectSocket(c, record, () => waitUntil(c, flush))
    try {
      await http.enter(record, next)
    } catch (error) {
      // Only what is no Error comes this way, or what an error handler threw in its turn.
      if (c.error) record.fail(c.error)
      record.fail(error)
      if (isOurs) endOffNode(c, record, true, flush)
      throw error
    }
    if (c.error) record.fail(c.error)
    if (isOurs) endOffNode(c, record, false, flush)
  }

  return Object.defineProperties(analytics as JustAnalytics, {
    client: { get: () => http.client },
    close: { value: () => (typeof setImmediate === 'function' ? closeBehindServer(http) : http.close()) },
  })
}

export default justanalytics
export { observeWebSockets } from './websocket.js'

/** A route's middleware that names the route in `api_request` events, or with `false` leaves it out. */
export function route(control: RouteControl): MiddlewareHandler {
  return function analyticsRoute(c, next) {
    const record = c.get('analytics') as RequestRecord | undefined
    record?.control(control)
    return next()
  }
}
