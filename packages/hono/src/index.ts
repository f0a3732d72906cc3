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
  watchWebResponse,
} from '@justanalytics/core/adapter'
import type { Context, MiddlewareHandler, Next } from 'hono'
import { routeOf } from './route.js'
import {
  addressOf,
  hasLeft,
  headerOf,
  keepHeaders,
  nodeOf,
  sentOf,
  variablesOf,
  waitUntil,
} from './runtime.js'
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
  header: headerOf,
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

  /** Where no response of Node's tells how it ended. */
  function answer(c: Context, record: RequestRecord): void {
    const ended = new Promise<void>(resolve => {
      const hasBody = c.req.method !== 'HEAD'
      const response = watchWebResponse(
        c.res,
        (status, outcome, error) => {
          if (error !== undefined) record.fail(error)
          // Node and Bun answer an upgrade themselves; what they are given instead is empty.
          const upgraded = status === 200 && isUpgrade(c) && c.res.body === null
          record.end(upgraded ? 101 : status, outcome)
          resolve()
        },
        { hasBody, sent: sentOf(c) },
      )
      if (response === c.res) return
      // A response that takes another one's place is given its headers once more.
      c.res = undefined
      c.res = response
    })
    waitUntil(c, () => ended.then(flush))
  }

  /** No response of Hono's goes out. What leaves it as an error, every platform answers with 500. */
  function lose(c: Context, record: RequestRecord, status: 500 | null): void {
    record.end(status, status === null ? 'client_abort' : 'ok')
    waitUntil(c, flush)
  }

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
      if (isOurs) lose(c, record, hasLeft(c) ? null : 500)
      throw error
    }
    if (c.error) record.fail(c.error)
    if (!isOurs) return
    if (hasLeft(c)) lose(c, record, null)
    else if (c.finalized) answer(c, record)
    else lose(c, record, 500)
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
