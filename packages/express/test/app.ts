import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
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
import express, {
  type ErrorRequestHandler,
  type Express,
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
  type Router,
} from 'express'
import express4 from 'express-4'
import createError from 'http-errors'
import OldRouter from 'router-2.2'
import { type JustAnalytics, type JustAnalyticsOptions, route } from '../src/index.js'

/** One major of Express, or one with an older router. */
export interface Flavour {
  express: () => Express
  Router: () => Router
  /** Whether errors show by themselves; otherwise the application places `analytics.errors`. */
  showsErrors: boolean
  /** Express 4 knows nothing of promises: an application passes their rejections on. */
  awaits: boolean
}

export const express5: Flavour = { express, Router: express.Router, showsErrors: true, awaits: true }

export const express4Flavour: Flavour = {
  express: express4 as unknown as typeof express,
  Router: express4.Router as unknown as typeof express.Router,
  showsErrors: false,
  awaits: false,
}

/** Express 5 with the router of a lockfile from before router 2.3. */
export const express5OldRouter: Flavour = {
  express() {
    const router = new OldRouter()
    return Object.defineProperty(express(), 'router', { get: () => router })
  },
  Router: () => new OldRouter(),
  showsErrors: false,
  awaits: true,
}

type Handler = (req: Request, res: Response, next: NextFunction) => unknown

/** One route: its functions, and where it has one its error handler. */
interface Entry {
  handlers: readonly Handler[]
  answers?: ErrorRequestHandler
}

/** The suite's application in Express's idiom. */
function handlers(stage: Stage): Handlers<Handler | Entry> {
  const text: Handler = (_, res) => res.send('text')
  const ok: Handler = (_, res) => res.json({ ok: true })
  const fail: Handler = () => {
    throw stage.fault('error')
  }
  const failing = (answers: ErrorRequestHandler): Entry => ({ handlers: [fail], answers })
  const answering = (status: number, body: string): Entry =>
    failing((_error, _req, res, _next) => void res.status(status).send(body))
  const stream = (parts: AsyncIterable<string>, type = 'text/plain'): Handler => {
    return (_, res) => pipeline(parts, res.type(type))
  }
  const asEvents = (parts: AsyncIterable<string>): Readable =>
    Readable.from(parts).map(part => `data: ${part}\n\n`)
  return {
    page: (_, res) => res.type('html').send(PAGE),
    json: ok,
    dressed: (_, res) => {
      for (const [name, value] of DRESSED) res.set(name, value)
      res.cookie('a', '1').cookie('b', '2').send('text')
    },
    empty: (_, res) => res.status(204).end(),
    moved: (_, res) => res.redirect('/page'),
    notModified: (_, res) => res.status(304).end(),
    named: { handlers: [route(NAMED), text] },
    unnamed: { handlers: [route(false), text] },

    items: (_, res) => res.json([]),
    createItem: (_, res) => {
      stage.enqueue()
      res.status(201).json({ ok: true })
    },
    item: ok,
    replaceItem: ok,
    changeItem: ok,
    removeItem: (_, res) => res.sendStatus(204),

    account: async (req, res) => {
      await stage.login(req, 'user-7')
      res.send('text')
    },
    setUser: (req, res) => {
      req.analytics.setUser(42)
      res.send('text')
    },
    captures: async (req, res) => {
      await stage.login(req, 'user-7')
      req.analytics.capture('cart_opened', CART)
      res.send('text')
    },
    one: async (req, res) => {
      const n = String(req.params.n)
      stage.arrive(req)
      await stage.gate()
      await stage.login(req, n)
      req.analytics.capture('seen', { n })
      res.send(n)
    },

    throws: req => {
      throw stage.fault(String(req.params.what))
    },
    rejects: async req => {
      await delay(1)
      throw stage.fault(String(req.params.what))
    },
    httpError: (req, _, next) => next(createError(Number(req.params.status), 'an answer')),
    status: (req, res) => res.status(Number(req.params.status)).send('text'),
    validated: (req, res) => {
      if (typeof req.body.name !== 'string') throw createError(400, 'a name, please')
      res.json({ ok: true })
    },
    teapot: answering(418, 'short and stout'),
    unavailable: answering(503, 'later'),
    soothed: answering(200, 'all is well'),
    handlerThrows: failing((_error, _req, _res, _next) => {
      throw stage.fault('subclass')
    }),
    reported: (req, res) => {
      req.analytics.captureException(stage.fault('error'), { step: 'pay' })
      res.send('text')
    },
    reportedAndThrown: async req => {
      const error = stage.fault('error')
      req.analytics.captureException(error)
      await delay(1)
      throw error
    },
    sentAndThrown: (_, res) => {
      res.send('sent')
      throw stage.fault('error')
    },

    slow: async (req, res) => {
      stage.arrive(req)
      await stage.gate()
      res.send('text')
    },
    slowThrows: async req => {
      stage.arrive(req)
      await stage.gate()
      throw stage.fault('error')
    },
    upload: { handlers: [express.raw({ type: 'application/octet-stream' }), text] },
    stream: (...args) => stream(stage.parts())(...args),
    broken: (...args) => stream(stage.parts('breaks'))(...args),
    stillborn: (...args) => stream(stage.nothing())(...args),
    events: (...args) => stream(asEvents(stage.parts()), 'text/event-stream')(...args),
    brokenEvents: (...args) => stream(asEvents(stage.parts('breaks')), 'text/event-stream')(...args),
    hijacked: (_, res) => res.writeHead(202, { 'content-type': 'text/plain' }).end('by hand'),

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
    const app = flavour.express()
    // In any other environment the answer to an error has its stack, and so the names of whoever called.
    app.set('env', 'production')
    const installed = Array.from({ length: adapters }, () => plugin(options as JustAnalyticsOptions))
    for (const analytics of installed) app.use(analytics)
    app.use(express.json())
    mount(app, flavour, handlers(stage), flavour.showsErrors ? [] : installed)
    app.use((error: unknown, _req: Request, _res: Response, next: NextFunction) => {
      stage.see(error)
      next(error)
    })
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
        clientError: server.listenerCount('clientError'),
        checkContinue: server.listenerCount('checkContinue'),
        upgrade: server.listenerCount('upgrade'),
      }),
    }
  }
}

/** @param installed those whose `errors` the application places */
function mount(
  app: Express,
  { Router, awaits, showsErrors }: Flavour,
  table: Handlers<Handler | Entry>,
  installed: readonly JustAnalytics[],
): void {
  const late: [path: string, answers: ErrorRequestHandler][] = []
  for (const [name, { method, path, ...place }] of Object.entries(ROUTES)) {
    const entry = table[name as RouteName]
    const { handlers, answers } = typeof entry === 'function' ? { handlers: [entry] } : entry
    const chain = (awaits ? handlers : handlers.map(passingOn)) as RequestHandler[]
    const verb = method.toLowerCase() as 'get'
    if ('mount' in place) {
      const router = Router()
      router[verb](place.inner, ...chain)
      app.use(place.mount, router)
    } else if (answers && showsErrors) {
      app[verb](path, ...chain, answers)
    } else {
      app[verb](path, ...chain)
      if (answers) late.push([path, answers])
    }
  }
  for (const analytics of installed) app.use(analytics.errors)
  for (const [path, answers] of late) app.use(path, answers)
}

function passingOn(handler: Handler): Handler {
  return (req, res, next) => {
    const result = handler(req, res, next)
    if (result instanceof Promise) result.catch(next)
  }
}
