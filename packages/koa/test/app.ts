import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
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
import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import Router13 from '@koa/router-13'
import Koa, { type Context, type Middleware, type Next } from 'koa'
import Koa2 from 'koa-2'
import { type JustAnalytics, type JustAnalyticsOptions, route } from '../src/index.js'

/** One major of Koa and the router that goes with it. */
export interface Flavour {
  Koa: typeof Koa
  Router: typeof Router
  /** Koa 2 leaves the response to a body that broke open; an application that knows closes it. */
  closesBrokenBodies: boolean
}

export const koa3: Flavour = { Koa, Router, closesBrokenBodies: true }
export const koa2: Flavour = {
  Koa: Koa2 as unknown as typeof Koa,
  Router: Router13 as unknown as typeof Router,
  closesBrokenBodies: false,
}

type Handler = (ctx: Context, next: Next) => unknown

/** The suite's application in Koa's idiom. */
function handlers(stage: Stage, { closesBrokenBodies }: Flavour): Handlers<Handler | readonly Handler[]> {
  const text: Handler = ctx => {
    ctx.body = 'text'
  }
  const ok: Handler = ctx => {
    ctx.body = { ok: true }
  }
  const fail: Handler = () => {
    throw stage.fault('error')
  }
  /** An error handler as Koa's guide has it. */
  const answering =
    (status: number, body: string): Handler =>
    async (ctx, next) => {
      try {
        await next()
      } catch (error) {
        ctx.status = status
        ctx.body = body
        ctx.app.emit('error', error, ctx)
      }
    }
  const breaking = (ctx: Context): Readable => {
    const body = Readable.from(stage.parts('breaks'))
    return closesBrokenBodies ? body : body.once('error', () => ctx.res.destroy())
  }
  return {
    page: ctx => {
      ctx.type = 'html'
      ctx.body = PAGE
    },
    json: ok,
    dressed: ctx => {
      for (const [name, value] of DRESSED) ctx.set(name, value)
      ctx.cookies.set('a', '1')
      ctx.cookies.set('b', '2')
      ctx.body = 'text'
    },
    empty: ctx => {
      ctx.status = 204
    },
    moved: ctx => ctx.redirect('/page'),
    notModified: ctx => {
      ctx.status = 304
    },
    named: [route(NAMED), text],
    unnamed: [route(false), text],

    items: ctx => {
      ctx.body = []
    },
    createItem: ctx => {
      stage.enqueue()
      ctx.status = 201
      ctx.body = { ok: true }
    },
    item: ok,
    replaceItem: ok,
    changeItem: ok,
    removeItem: ctx => {
      ctx.status = 204
    },

    account: async ctx => {
      await stage.login(ctx, 'user-7')
      ctx.body = 'text'
    },
    setUser: ctx => {
      ctx.analytics.setUser(42)
      ctx.body = 'text'
    },
    captures: async ctx => {
      await stage.login(ctx, 'user-7')
      ctx.analytics.capture('cart_opened', CART)
      ctx.body = 'text'
    },
    one: async ctx => {
      const { n } = ctx.params
      stage.arrive(ctx)
      await stage.gate()
      await stage.login(ctx, n)
      ctx.analytics.capture('seen', { n })
      ctx.body = n
    },

    throws: ctx => {
      throw stage.fault(ctx.params.what)
    },
    rejects: async ctx => {
      await delay(1)
      throw stage.fault(ctx.params.what)
    },
    httpError: ctx => ctx.throw(Number(ctx.params.status), 'an answer'),
    status: ctx => {
      ctx.status = Number(ctx.params.status)
      ctx.body = 'text'
    },
    validated: ctx => {
      const { name } = ctx.request.body as { name?: unknown }
      if (typeof name !== 'string') ctx.throw(400, 'a name, please')
      ctx.body = { ok: true }
    },
    teapot: [answering(418, 'short and stout'), fail],
    unavailable: [answering(503, 'later'), fail],
    soothed: [answering(200, 'all is well'), fail],
    handlerThrows: [
      async (_ctx, next) => {
        try {
          await next()
        } catch {
          throw stage.fault('subclass')
        }
      },
      fail,
    ],
    reported: ctx => {
      ctx.analytics.captureException(stage.fault('error'), { step: 'pay' })
      ctx.body = 'text'
    },
    reportedAndThrown: async ctx => {
      const error = stage.fault('error')
      ctx.analytics.captureException(error)
      await delay(1)
      throw error
    },
    // Whatever is in `ctx.body` leaves only after the last middleware.
    sentAndThrown: ctx => {
      ctx.status = 200
      ctx.res.end('sent')
      throw stage.fault('error')
    },

    slow: async ctx => {
      stage.arrive(ctx)
      await stage.gate()
      ctx.body = 'text'
    },
    slowThrows: async ctx => {
      stage.arrive(ctx)
      await stage.gate()
      throw stage.fault('error')
    },
    upload: async ctx => {
      await ctx.req.resume().toArray()
      ctx.body = 'text'
    },
    stream: ctx => {
      ctx.type = 'text/plain'
      ctx.body = Readable.from(stage.parts())
    },
    broken: ctx => {
      ctx.type = 'text/plain'
      ctx.body = breaking(ctx)
    },
    stillborn: ctx => {
      ctx.type = 'text/plain'
      ctx.body = Readable.from(stage.nothing())
    },
    events: ctx => {
      ctx.type = 'text/event-stream'
      ctx.body = Readable.from(stage.parts()).map(part => `data: ${part}\n\n`)
    },
    brokenEvents: ctx => {
      ctx.type = 'text/event-stream'
      ctx.body = breaking(ctx)
    },
    hijacked: ctx => {
      ctx.respond = false
      ctx.res.writeHead(202, { 'content-type': 'text/plain' }).end('by hand')
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
  flavour: Flavour,
  plugin: (options?: JustAnalyticsOptions) => JustAnalytics,
): (setup: Setup) => Promise<Running> {
  return async ({ options, adapters, stage }) => {
    const app = new flavour.Koa()
    app.on('error', error => stage.see(error))
    const installed = Array.from({ length: adapters }, () => plugin(options as JustAnalyticsOptions))
    for (const analytics of installed) app.use(analytics)
    app.use(bodyParser())
    const router = routes(flavour, handlers(stage, flavour))
    app.use(router.routes()).use(router.allowedMethods())
    const server = app.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      async close() {
        server.close()
        await once(server, 'close')
        for (const analytics of installed) await analytics.close()
      },
      listeners: () => ({
        'app error': app.listenerCount('error'),
        clientError: server.listenerCount('clientError'),
        checkContinue: server.listenerCount('checkContinue'),
        upgrade: server.listenerCount('upgrade'),
      }),
    }
  }
}

function routes({ Router }: Flavour, table: Handlers<Handler | readonly Handler[]>): Router {
  const router = new Router()
  for (const [name, { method, path, ...place }] of Object.entries(ROUTES)) {
    const chain = [table[name as RouteName]].flat() as Middleware[]
    if ('mount' in place) {
      const nested = new Router()
      nested.register(place.inner, [method], chain as never)
      router.use(place.mount, nested.routes())
    } else {
      router.register(path, [method], chain as never)
    }
  }
  return router
}
