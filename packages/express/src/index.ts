import { subscribe, unsubscribe } from 'node:diagnostics_channel'
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
import type { ErrorRequestHandler, NextFunction, Request, RequestHandler, Response } from 'express'
import { routeFound } from './found.js'
import { createTrail, type Step } from './trail.js'

export type JustAnalyticsOptions = AdapterOptions<Request>

declare global {
  namespace Express {
    interface Request {
      /** Captures with this request's id and user. */
      analytics: RequestAnalytics
    }
  }
}

/**
 * Names of what is asked of every request, passed and not written where they are asked. Express gives each request
 * another prototype, after which, up to V8 11 (Node 20), it shares its map with no other from the next property on that
 * is added. V8's caches go by maps: there a name in the code costs 0.25 to 0.4 µs a look, one that is passed 0.1.
 */
const METHOD = 'method'
const URL = 'originalUrl'
const HEADERS = 'headers'
const SOCKET = 'socket'

/** The middleware, with the client behind it. */
export interface JustAnalytics extends RequestHandler {
  /** The client itself, for what happens outside a request. */
  readonly client: Analytics
  /**
   * Shows errors where Express itself does not: on Express 4, and on Express 5 with a `router` before 2.3. It goes
   * behind the routes and before your own error handlers; elsewhere it is not needed and does no harm.
   */
  readonly errors: ErrorRequestHandler
  /** For when the server has closed: sends what is left; a client that was passed in stays open. */
  close(): Promise<boolean>
}

/**
 * Express middleware: one event for every request, and an exception for every one that failed. It goes before all
 * others.
 * @throws {JustAnalyticsError} for a wrong option
 */
export function justanalytics(options: JustAnalyticsOptions = {}): JustAnalytics {
  const trail = createTrail()
  const reader: RequestReader<Request> = {
    sdk: 'express',
    identity: req => req,
    method: req => req[METHOD],
    url: req => req[URL],
    headers: req => req[HEADERS],
    // What `req.ip` is as well where no proxy is trusted, but for several looks at the request.
    address: req => (appOf(req)?.disabled('trust proxy') ? req[SOCKET].remoteAddress : req.ip),
    route(req) {
      const way = trail.of(req)
      return way ? way.route : routeFound(req)
    },
  }
  const http = createHttpCapture(reader, options)

  function onStart(step: unknown): void {
    trail.follow(step as Step)
  }

  function onError(step: unknown): void {
    const { req, error } = step as Step
    http.join(req)?.fail(error)
  }

  function analytics(req: Request, res: Response, next: NextFunction): void {
    const record = http.join(req) ?? beginRequest(http, req, req, res)
    req.analytics = record
    http.enter(record, next)
  }

  function errors(error: unknown, req: Request, _res: Response, next: NextFunction): void {
    http.join(req)?.fail(error)
    next(error)
  }

  function close(): Promise<boolean> {
    unsubscribe(START, onStart)
    unsubscribe(ERROR, onError)
    return closeBehindServer(http)
  }

  if (http.enabled) {
    subscribe(START, onStart)
    subscribe(ERROR, onError)
  }
  return Object.assign(analytics, { client: http.client, errors, close })
}

/** `req.app`, asked of what bears it: the prototype that an application gives its requests. */
function appOf(req: Request): Request['app'] | undefined {
  return (Object.getPrototypeOf(req) as Request).app
}

/** Where `router` tells, from 2.3 on, of each function it calls, and of each error where it arises. */
const START = 'tracing:express.router.request:start'
const ERROR = 'tracing:express.router.request:error'

export default justanalytics

/** A route's middleware that names the route in `api_request` events, or with `false` leaves it out. */
export function route(control: RouteControl): RequestHandler {
  return function analyticsRoute(req, _res, next) {
    const record = req.analytics as RequestRecord | undefined
    record?.control(control)
    next()
  }
}
