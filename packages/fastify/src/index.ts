import type { IncomingMessage } from 'node:http'
import type { Analytics } from '@justanalytics/core'
import {
  type AdapterOptions,
  createHttpCapture,
  type RequestAnalytics,
  type RequestReader,
  type RequestRecord,
  type RouteControl,
  watchResponse,
} from '@justanalytics/core/adapter'
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'

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
  header: (request, name) => {
    const value = request.headers[name]
    return Array.isArray(value) ? value[0] : value
  },
  address: request => request.ip,
  route: request => request.routeOptions.url,
  control: request => request.routeOptions.config?.analytics,
}

/** One request on its way. A hook registered before ours may answer, so that any hook can be the first to see it. */
interface Exchange {
  record: RequestRecord
  /** Somebody ends the record: this adapter, or the one that began it. */
  watched: boolean
  body: unknown
}

async function plugin(app: FastifyInstance, options: JustAnalyticsOptions): Promise<void> {
  const http = createHttpCapture(reader, options)
  const exchanges = new WeakMap<IncomingMessage, Exchange>()

  function exchangeOf(request: FastifyRequest): Exchange {
    const known = exchanges.get(request.raw)
    if (known) return known
    const joined = http.join(request)
    const exchange = { record: joined ?? http.begin(request), watched: joined !== undefined, body: undefined }
    exchanges.set(request.raw, exchange)
    return exchange
  }

  function watch(request: FastifyRequest, response: FastifyReply['raw']): Exchange {
    const exchange = exchangeOf(request)
    if (exchange.watched) return exchange
    exchange.watched = true
    watchResponse(request.raw, response, (status, outcome) => {
      // No hook tells of a body that breaks once the headers are out, but the stream keeps its error.
      if (outcome === 'stream_error' && isErrored(exchange.body)) exchange.record.fail(exchange.body.errored)
      exchange.record.end(status, outcome)
    })
    return exchange
  }

  if (!app.hasDecorator('analytics')) app.decorate('analytics', http.client)
  if (!app.hasRequestDecorator('analytics')) {
    app.decorateRequest('analytics', {
      getter(this: FastifyRequest) {
        return exchangeOf(this).record
      },
    })
  }
  // Closing hooks run in reverse, and first of all Fastify's own, which waits for the requests being served.
  app.addHook('onClose', () => http.close())
  if (!http.enabled) return

  app.addHook('onRequest', (request, reply, next) => {
    http.enter(watch(request, reply.raw).record, next)
  })
  // What follows the reading of a body runs on the socket's behalf, no longer on the request's.
  app.addHook('preValidation', (request, reply, next) => {
    http.enter(watch(request, reply.raw).record, next)
  })
  app.addHook('onError', (request, reply, error, next) => {
    watch(request, reply.raw).record.fail(error)
    next()
  })
  app.addHook('onSend', (request, reply, payload, next) => {
    watch(request, reply.raw).body = payload
    next()
  })
  // Without any hook Fastify itself answers a URL it cannot decode, and everything with 503 while it drains.
  app.server.on('request', (raw, response) => {
    if (response.writableEnded && !exchanges.has(raw)) watch(unrouted(raw), response)
  })
}

function isErrored(body: unknown): body is { errored: Error } {
  return body !== null && typeof body === 'object' && 'errored' in body && body.errored instanceof Error
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
