import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
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
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { stream, streamSSE } from 'hono/streaming'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { validator } from 'hono/validator'
import { type JustAnalytics, type JustAnalyticsOptions, route } from '../src/index.js'

type Env = { Bindings: HttpBindings }
type App = Hono<Env>
/** A handler, or middlewares and a handler, or an application with an error handler of its own. */
type Entry = MiddlewareHandler<Env> | MiddlewareHandler<Env>[] | App
type C = Context<Env>

/** The suite's application in Hono's idiom. */
function handlers(stage: Stage): Handlers<Entry> {
  const text = async (c: C) => c.text('text')
  const ok = async (c: C) => c.json({ ok: true })
  const fail = () => {
    throw stage.fault('error')
  }
  const json = validator('json', value => value)
  const answering = (respond: (c: C) => Response): App =>
    new Hono<Env>().get('/', fail).onError((error, c) => {
      stage.see(error)
      return respond(c)
    })
  const body = (parts: AsyncGenerator<string>): ReadableStream =>
    Readable.toWeb(Readable.from(parts, { objectMode: false })) as ReadableStream
  return {
    page: async c => c.html(PAGE),
    json: ok,
    dressed: async c => {
      for (const [name, value] of DRESSED) c.header(name, value)
      c.header('set-cookie', 'a=1', { append: true })
      c.header('set-cookie', 'b=2', { append: true })
      return c.text('text')
    },
    empty: async c => c.body(null, 204),
    moved: async c => c.redirect('/page'),
    notModified: async c => c.body(null, 304),
    named: [route(NAMED), text],
    unnamed: [route(false), text],

    items: async c => c.json([]),
    createItem: [
      json,
      async c => {
        stage.enqueue()
        return c.json({ ok: true }, 201)
      },
    ],
    item: ok,
    replaceItem: [json, ok],
    changeItem: [json, ok],
    removeItem: async c => c.body(null, 204),

    account: async c => {
      await stage.login(c, 'user-7')
      return c.text('text')
    },
    setUser: async c => {
      c.var.analytics.setUser(42)
      return c.text('text')
    },
    captures: async c => {
      await stage.login(c, 'user-7')
      c.var.analytics.capture('cart_opened', CART)
      return c.text('text')
    },
    one: async c => {
      const n = c.req.param('n') as string
      stage.arrive(c)
      await stage.gate()
      await stage.login(c, n)
      c.var.analytics.capture('seen', { n })
      return c.text(n)
    },

    throws: c => {
      throw stage.fault(c.req.param('what') as string)
    },
    rejects: async c => {
      await delay(1)
      throw stage.fault(c.req.param('what') as string)
    },
    httpError: c => {
      throw new HTTPException(Number(c.req.param('status')) as ContentfulStatusCode, { message: 'an answer' })
    },
    status: async c => c.text('text', Number(c.req.param('status')) as ContentfulStatusCode),
    validated: [
      validator('json', ({ name }: { name?: unknown }) => {
        if (typeof name !== 'string') throw new HTTPException(400, { message: 'a name, please' })
        return { name }
      }),
      ok,
    ],
    teapot: answering(c => c.text('short and stout', 418)),
    unavailable: answering(c => c.text('later', 503)),
    soothed: answering(c => c.text('all is well')),
    handlerThrows: new Hono<Env>().get('/', fail).onError(() => {
      throw stage.fault('subclass')
    }),
    reported: async c => {
      c.var.analytics.captureException(stage.fault('error'), { step: 'pay' })
      return c.text('text')
    },
    reportedAndThrown: async c => {
      const error = stage.fault('error')
      c.var.analytics.captureException(error)
      await delay(1)
      throw error
    },
    // An answer is what a handler returns: only a stream's callback is still running behind it.
    sentAndThrown: async c =>
      stream(c, async sent => {
        await sent.write('sent')
        throw stage.fault('error')
      }),

    slow: async c => {
      stage.arrive(c)
      await stage.gate()
      return c.text('text')
    },
    slowThrows: async c => {
      stage.arrive(c)
      await stage.gate()
      throw stage.fault('error')
    },
    upload: async c => {
      await c.req.arrayBuffer()
      return c.text('text')
    },
    stream: async c => {
      c.header('content-type', 'text/plain')
      return stream(c, async sent => {
        for await (const part of stage.parts()) await sent.write(part)
      })
    },
    broken: async c => c.body(body(stage.parts('breaks')), 200, { 'content-type': 'text/plain' }),
    stillborn: async c => c.body(body(stage.nothing()), 200, { 'content-type': 'text/plain' }),
    events: async c =>
      streamSSE(c, async sent => {
        for await (const part of stage.parts()) await sent.writeSSE({ data: part })
      }),
    brokenEvents: async c =>
      c.body(body(stage.parts('breaks')), 200, { 'content-type': 'text/event-stream' }),
    hijacked: async c => {
      c.env.outgoing.writeHead(202, { 'content-type': 'text/plain' }).end('by hand')
      return RESPONSE_ALREADY_SENT
    },

    nested: text,
    nestedThrows: async () => {
      await delay(1)
      throw stage.fault('error')
    },
  }
}

/** Starts it with `plugin` in the adapter's place. */
export function starter(
  plugin: (options?: JustAnalyticsOptions) => JustAnalytics,
): (setup: Setup) => Promise<Running> {
  return async ({ options, adapters, stage }) => {
    const app: App = new Hono()
    const installed = Array.from({ length: adapters }, () => plugin(options as JustAnalyticsOptions))
    for (const analytics of installed) app.use(analytics)
    const { errorHandler } = app as unknown as { errorHandler: (error: Error, c: C) => Response }
    app.onError((error, c) => {
      stage.see(error)
      return errorHandler(error, c)
    })
    mount(app, handlers(stage))
    // Hono's server-sent events keep their connection, whatever the client asks for.
    const server = createAdaptorServer({ fetch: app.fetch, serverOptions: { keepAliveTimeout: 2000 } })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      async close() {
        server.close()
        await once(server, 'close')
        for (const analytics of installed) await analytics.close()
      },
      listeners: () => ({
        clientError: server.listenerCount('clientError'),
        checkContinue: server.listenerCount('checkContinue'),
        upgrade: server.listenerCount('upgrade'),
      }),
    }
  }
}

function mount(app: App, table: Handlers<Entry>): void {
  for (const [name, { method, path, ...place }] of Object.entries(ROUTES)) {
    const entry = table[name as RouteName]
    if ('mount' in place) {
      app.route(
        place.mount,
        new Hono<Env>().on(method, [place.inner], ...([entry].flat() as MiddlewareHandler[])),
      )
    } else if (entry instanceof Hono) {
      app.route(path, entry)
    } else {
      app.on(method, [path], ...([entry].flat() as MiddlewareHandler[]))
    }
  }
}
