import { errorMonitor } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Analytics } from '@justanalytics/core'
import {
  type AdapterOptions,
  beginRequest,
  closeBehindServer,
  createHttpCapture,
  type Outcome,
  type RequestAnalytics,
  type RequestReader,
  type RequestRecord,
  type RouteControl,
} from '@justanalytics/core/adapter'
import type { Context, Middleware, Next } from 'koa'
import { routeOf } from './route.js'

export type JustAnalyticsOptions = AdapterOptions<Context>

declare module 'koa' {
  interface ExtendableContext {
    /** Captures with this request's id and user. */
    analytics: RequestAnalytics
  }
}

/** The middleware, with the client behind it. */
export interface JustAnalytics extends Middleware {
  /** The client itself, for what happens outside a request. */
  readonly client: Analytics
  /** For when the server has closed: sends what is left; a client that was passed in stays open. */
  close(): Promise<boolean>
}

const reader: RequestReader<Context> = {
  sdk: 'koa',
  identity: ctx => ctx.req,
  method: ctx => ctx.method,
  url: ctx => ctx.originalUrl,
  headers: ctx => ctx.req.headers,
  address: ctx => ctx.ip,
  route: routeOf,
}

/** Requests whose `error` events tell nothing new. */
const silenced = new WeakSet<IncomingMessage>()

/**
 * Koa middleware: one event for every request, and an exception for every one that failed. It goes before all
 * others.
 * @throws {JustAnalyticsError} for a wrong option
 */
export function justanalytics(options: JustAnalyticsOptions = {}): JustAnalytics {
  const http = createHttpCapture(reader, options)
  const abandoned = new WeakSet<IncomingMessage>()

  function settle(ctx: Context, outcome: Outcome): Outcome {
    return outcome === 'client_abort' && abandoned.has(ctx.req) ? 'stream_error' : outcome
  }

  function fail(record: RequestRecord, ctx: Context, error: unknown): void {
    record.fail(error)
    // Once the headers are out Koa leaves the response as it is, until the client has had enough of it.
    if (ctx.headerSent && ctx.writable) abandoned.add(ctx.req)
  }

  /** What a middleware swallowed and emitted, as Koa's guide advises, and what broke in a body. */
  function onError(error: unknown, ctx?: Context): void {
    if (!ctx?.req || silenced.has(ctx.req)) return
    const record = http.join(ctx)
    if (record) fail(record, ctx, error)
  }

  function begin(ctx: Context): RequestRecord {
    const record = beginRequest(http, ctx, ctx.req, ctx.res, settle)
    // Not a listener for `error` itself: with one, Koa would no longer log.
    if (ctx.app.listenerCount(errorMonitor, onError) === 0) ctx.app.on(errorMonitor, onError)
    return record
  }

  async function analytics(ctx: Context, next: Next): Promise<unknown> {
    const joined = http.join(ctx)
    const record = joined ?? begin(ctx)
    ctx.analytics = record
    try {
      return await http.enter(record, next)
    } catch (error) {
      fail(record, ctx, error)
      // Koa emits what left the last middleware, after making an Error of what is none.
      if (!joined) silenced.add(ctx.req)
      throw error
    }
  }

  function idle(ctx: Context, next: Next): Promise<unknown> {
    ctx.analytics = http.begin(ctx)
    return next()
  }

  return Object.assign(http.enabled ? analytics : idle, {
    client: http.client,
    close: () => closeBehindServer(http),
  })
}

export default justanalytics

/** A route's middleware that names the route in `api_request` events, or with `false` leaves it out. */
export function route(control: RouteControl): Middleware {
  return function analyticsRoute(ctx, next) {
    const record = ctx.analytics as RequestRecord | undefined
    record?.control(control)
    return next()
  }
}
