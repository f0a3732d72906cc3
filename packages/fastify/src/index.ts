import type { IncomingMessage } from 'node:http'
import type { Analytics } from '@justanalytics/core'
import {
  type AdapterOptions,
  closeBehindServer,
  createHttpCapture,
  createSlot,
  type RequestAnalytics,
  type RequestReader,
  type RequestRecord,
  type RouteControl,
  watchResponse,
} from '@justanalytics/core/adapter'
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { observeWebSockets } from './websocket.js'

export type JustAnalyticsOptions = AdapterOptions<FastifyRequest>

declare module 'fastify' {
  interface FastifyInstance {
    /** The client itself, for what happens outside a request. */
    analytics: Analytics
  }
  interface FastifyRequest {
    /** Captures with this request's id and user. */
    analytics: RequestAnalytics
  }
  interface FastifyContextConfig {
    /** Names the route in `api_request` events, or with `false` leaves it out. */
    analytics?: RouteControl
  }
}

const reader: RequestReader<FastifyRequest> = {
  sdk: 'fastify',
  identity: request => request.raw,
  method: request => request.method,
  url: request => request.originalUrl,
  headers: request => request.headers,
  address: request => request.ip,
  route: request => request.routeOptions.url,
  control: request => request.routeOptions.config?.analytics,
}

/** One request on its way; any of our hooks may be the first to see it. */
interface Exchange {
  readonly start: number
  watched: boolean
  record: RequestRecord | undefined
}

async function plugin(app: FastifyInstance, options: JustAnalyticsOptions): Promise<void> {
  const http = createHttpCapture(reader, options)
  const exchanges = createSlot<Exchange>()

  function exchangeOf(raw: IncomingMessage): Exchange {
    return exchanges.ensure(raw, arrive)
  }

  function recordOf(request: FastifyRequest, exchange = exchangeOf(request.raw)): RequestRecord {
    exchange.record ??= http.join(request) ?? http.begin(request, exchange.start)
    return exchange.record
  }

  function watch(request: FastifyRequest, response: FastifyReply['raw'], exchange: Exchange): void {
    if (exchange.watched) return
    exchange.watched = true
    watchResponse(request.raw, response, (status, outcome, error) => {
      const record = recordOf(request, exchange)
      if (error !== undefined) record.fail(error)
      record.end(status, outcome)
    })
  }

  // Registered twice, or where the name is taken: what is there stays.
  if (!app.hasDecorator('analytics')) app.decorate('analytics', http.client)
  if (!app.hasRequestDecorator('analytics')) {
    app.decorateRequest('analytics', {
      getter(this: FastifyRequest) {
        return recordOf(this)
      },
    })
  }
  // Closing hooks run in reverse, and first of all Fastify's own, which waits for the requests being served.
  app.addHook('onClose', () => closeBehindServer(http))
  if (!http.enabled) return

  // No onSend and no onResponse hook: with the first, `reply.send()` no longer throws in the handler, the second
  // catches a response's `error` events.
  app.addHook('onRequest', (request, reply, next) => {
    const exchange = exchangeOf(request.raw)
    watch(request, reply.raw, exchange)
    http.enter(recordOf(request, exchange), next)
  })
  // What follows the reading of a body runs on the socket's behalf, no longer on the request's.
  app.addHook('preValidation', (request, _reply, next) => {
    http.enter(recordOf(request), next)
  })
  app.addHook('onError', (request, reply, error, next) => {
    const exchange = exchangeOf(request.raw)
    watch(request, reply.raw, exchange)
    recordOf(request, exchange).fail(error)
    next()
  })
  observeWebSockets(app, http, raw => exchanges.get(raw)?.record)
  // Some requests are answered before our hooks: a URL that cannot be decoded, everything while Fastify drains,
  // and what a hook that was registered earlier answers itself. Listening last, this sees the ones left over.
  app.server.on('request', (raw, response) => {
    const exchange = exchangeOf(raw)
    if (!exchange.watched) watch(unrouted(raw), response, exchange)
  })
}

function arrive(): Exchange {
  return { start: performance.now(), watched: false, record: undefined }
}

/** Stands for a request for which Fastify made no object of its own. */
function unrouted(raw: IncomingMessage): FastifyRequest {
  const { method, url, headers, socket } = raw
  return {
    raw,
    method,
    url,
    originalUrl: url,
    headers,
    ip: socket.remoteAddress,
    routeOptions: {},
  } as FastifyRequest
}

/** Fastify plugin: one event for every request, and an exception for every one that failed. */
export const justanalytics: FastifyPluginAsync<JustAnalyticsOptions> = Object.assign(plugin, {
  // What fastify-plugin does: without it the hooks would see only routes registered inside this plugin.
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: '@justanalytics/fastify',
  [Symbol.for('plugin-meta')]: { name: '@justanalytics/fastify', fastify: '5.x' },
})

export default justanalytics

/** Route options that name the route, or with `false` leave it out: `app.get('/health', route(false), handler)`. */
export function route(analytics: RouteControl): { config: { analytics: RouteControl } } {
  return { config: { analytics } }
}
