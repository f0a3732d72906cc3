import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import {
  CART,
  DRESSED,
  type Handlers,
  NAMED,
  PAGE,
  ROUTES,
  type RouteName,
  type Running,
  type Setup,
  type Stage,
} from '@justanalytics/conformance'
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyPluginAsync,
  type RouteOptions,
} from 'fastify'
import { type JustAnalyticsOptions, route } from '../src/index.js'

type Route = Omit<RouteOptions, 'method' | 'url'>
type Handler = Route['handler']

/** The suite's application in Fastify's idiom. */
function handlers(stage: Stage): Handlers<Route | Handler> {
  const text: Handler = async () => 'text'
  const ok: Handler = async () => ({ ok: true })
  const fail: Handler = () => {
    throw stage.fault('error')
  }
  return {
    page: async (_, reply) => reply.type('text/html').send(PAGE),
    json: ok,
    dressed: async (_, reply) => {
      for (const [name, value] of DRESSED) reply.header(name, value)
      return reply.header('set-cookie', ['a=1', 'b=2']).send('text')
    },
    empty: async (_, reply) => reply.code(204).send(),
    moved: async (_, reply) => reply.redirect('/page'),
    notModified: async (_, reply) => reply.code(304).send(),
    named: { ...route(NAMED), handler: text },
    unnamed: { ...route(false), handler: text },

    items: async () => [],
    createItem: async (_, reply) => {
      stage.enqueue()
      return reply.code(201).send({ ok: true })
    },
    item: ok,
    replaceItem: ok,
    changeItem: ok,
    removeItem: async (_, reply) => reply.code(204).send(),

    account: async request => {
      await stage.login(request, 'user-7')
      return 'text'
    },
    setUser: async request => {
      request.analytics.setUser(42)
      return 'text'
    },
    captures: async request => {
      await stage.login(request, 'user-7')
      request.analytics.capture('cart_opened', CART)
      return 'text'
    },
    one: async request => {
      const { n } = request.params as { n: string }
      stage.arrive(request)
      await stage.gate()
      await stage.login(request, n)
      request.analytics.capture('seen', { n })
      return n
    },

    throws: request => {
      throw stage.fault((request.params as { what: string }).what)
    },
    rejects: async request => {
      await delay(1)
      throw stage.fault((request.params as { what: string }).what)
    },
    httpError: request => {
      const statusCode = Number((request.params as { status: string }).status)
      throw Object.assign(new Error('an answer'), { statusCode })
    },
    status: async (request, reply) => {
      return reply.code(Number((request.params as { status: string }).status)).send('text')
    },
    validated: {
      schema: {
        body: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
      },
      handler: ok,
    },
    teapot: { handler: fail, errorHandler: (_, __, reply) => void reply.code(418).send('short and stout') },
    unavailable: { handler: fail, errorHandler: (_, __, reply) => void reply.code(503).send('later') },
    soothed: { handler: fail, errorHandler: (_, __, reply) => void reply.code(200).send('all is well') },
    handlerThrows: {
      handler: fail,
      errorHandler: () => {
        throw stage.fault('subclass')
      },
    },
    reported: async request => {
      request.analytics.captureException(stage.fault('error'), { step: 'pay' })
      return 'text'
    },
    reportedAndThrown: async request => {
      const error = stage.fault('error')
      request.analytics.captureException(error)
      await delay(1)
      throw error
    },
    sentAndThrown: (_, reply) => {
      reply.send('sent')
      throw stage.fault('error')
    },

    slow: async request => {
      stage.arrive(request)
      await stage.gate()
      return 'text'
    },
    slowThrows: async request => {
      stage.arrive(request)
      await stage.gate()
      throw stage.fault('error')
    },
    upload: text,
    stream: async (_, reply) => reply.type('text/plain').send(Readable.from(stage.parts())),
    broken: async (_, reply) => reply.type('text/plain').send(Readable.from(stage.parts('breaks'))),
    stillborn: async (_, reply) => reply.type('text/plain').send(Readable.from(stage.nothing())),
    events: async (_, reply) => reply.type('text/event-stream').send(events(stage.parts())),
    brokenEvents: async (_, reply) => reply.type('text/event-stream').send(events(stage.parts('breaks'))),
    hijacked: (_, reply) => {
      reply.hijack()
      reply.raw.writeHead(202, { 'content-type': 'text/plain' }).end('by hand')
    },

    nested: text,
    nestedThrows: async () => {
      await delay(1)
      throw stage.fault('error')
    },
  }
}

function events(parts: AsyncIterable<string>): Readable {
  return Readable.from(parts).map(part => `data: ${part}\n\n`)
}

/** Starts it with `plugin` in the adapter's place. */
export function starter(
  plugin: FastifyPluginAsync<JustAnalyticsOptions>,
): (setup: Setup) => Promise<Running> {
  return async ({ options, adapters, stage }) => {
    const app = fastify({ forceCloseConnections: 'idle' })
    app.addHook('onError', async (_request, _reply, error: FastifyError) => stage.see(error))
    for (let n = 0; n < adapters; n++) app.register(plugin, options)
    app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    )
    app.register(async child => mount(child, handlers(stage)))
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    return {
      url,
      close: () => app.close(),
      listeners: () => ({
        error: app.server.listenerCount('error'),
        clientError: app.server.listenerCount('clientError'),
        checkContinue: app.server.listenerCount('checkContinue'),
        upgrade: app.server.listenerCount('upgrade'),
      }),
    }
  }
}

function mount(app: FastifyInstance, table: Handlers<Route | Handler>): void {
  for (const [name, { method, path, ...place }] of Object.entries(ROUTES)) {
    const entry = table[name as RouteName]
    const options = typeof entry === 'function' ? { handler: entry } : entry
    if ('mount' in place) {
      app.register(async child => void child.route({ ...options, method, url: place.inner }), {
        prefix: place.mount,
      })
    } else {
      app.route({ ...options, method, url: path })
    }
  }
}
