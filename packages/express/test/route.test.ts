import type { ErrorRequestHandler, RequestHandler } from 'express'
import { describe, expect, it } from 'vitest'
import { express4Flavour, express5, express5OldRouter, type Flavour } from './app.js'
import { type Parts, serve } from './serve.js'

const ok: RequestHandler = (_req, res) => void res.send('ok')
const pass: RequestHandler = (_req, _res, next) => next()
const fail: RequestHandler = () => {
  throw new Error('boom')
}
const unavailable: ErrorRequestHandler = (_error, _req, res, _next) => void res.status(503).send('later')

interface Case {
  build(parts: Parts): void
  path: string
  method?: string
  route: string | undefined
  /** On Express 4 and on router 2.2, where that is something else. */
  routeFound?: string | undefined
}

const cases: Record<string, Case> = {
  'a mount with a parameter': {
    build: ({ app, Router }) => app.use('/v1/:org', Router().get('/items/:id', ok)),
    path: '/v1/acme/items/7?q=1',
    route: '/v1/:org/items/:id',
  },
  'a parameter that is called as what is fixed before it': {
    build: ({ app, Router }) => app.use('/v1/:org', Router().get('/items/:id', ok)),
    path: '/v1/v1/items/7',
    route: '/v1/:org/items/:id',
  },
  'an encoded parameter': {
    build: ({ app, Router }) => app.use('/v1/:org', Router().get('/items/:id', ok)),
    path: '/v1/a%20b%2Fc/items/7',
    route: '/v1/:org/items/:id',
  },
  'mounts in mounts, after siblings that let it pass': {
    build({ app, Router }) {
      const items = Router().use(pass).get('/:id', ok)
      app.use('/v1', pass)
      app.use('/v1/:org', Router().get('/other', ok))
      app.use('/v1/:org', pass, Router().use('/', pass, Router().use('/items', pass, items)))
    },
    path: '/v1/acme/items/7',
    route: '/v1/:org/items/:id',
  },
  'a mount whose parameter is a part of a segment': {
    build: ({ app, Router }) => app.use('/v:version', Router().get('/items/:id', ok)),
    path: '/v2/items/7',
    route: '/v:version/items/:id',
    routeFound: undefined,
  },
  'the root of a mount': {
    build: ({ app, Router }) => app.use('/shop', Router().get('/', ok)),
    path: '/shop/',
    route: '/shop',
  },
  'an error that leaves all mounts': {
    build: ({ app, Router, analytics }) =>
      app.use('/v1/:org', Router().get('/items/:id', fail)).use(analytics.errors).use(unavailable),
    path: '/v1/acme/items/7',
    route: '/v1/:org/items/:id',
  },
  'a mounted application': {
    build: ({ app, express, Router }) =>
      app.use('/admin/:org', express().use('/users', Router().get('/:id', ok))),
    path: '/admin/acme/users/7',
    route: '/admin/:org/users/:id',
  },
  'an application in a mounted application': {
    build: ({ app, express }) => app.use('/a', express().use('/b', express().get('/c/:id', ok))),
    path: '/a/b/c/7',
    route: '/a/b/c/:id',
  },
  'an error that leaves a mounted application': {
    build: ({ app, express }) => app.use('/admin', express().get('/users/:id', fail)).use(unavailable),
    path: '/admin/users/7',
    route: '/admin/users/:id',
    routeFound: undefined,
  },
  'a handler that calls a router itself': {
    build({ app, Router }) {
      const router = Router().get('/items/:id', ok)
      app.use('/v1/:org', (req, res, next) => router(req, res, next))
    },
    path: '/v1/acme/items/7',
    route: '/v1/:org/items/:id',
    routeFound: undefined,
  },
  'one of several paths': {
    build: ({ app }) => app.get(['/tea', '/coffee/:size'], ok),
    path: '/coffee/large',
    route: '/coffee/:size',
    routeFound: '/tea,/coffee/:size',
  },
  'a RegExp': {
    build: ({ app }) => app.get(/^\/item-(\d+)$/, ok),
    path: '/item-7',
    route: String(/^\/item-(\d+)$/),
  },
  'the second of two routes, the first having passed it on': {
    build: ({ app }) => app.get('/users/:id', pass).get('/users/me', ok),
    path: '/users/me',
    route: '/users/me',
  },
  'all methods of a path': {
    build: ({ app }) => app.all('/any', ok),
    path: '/any',
    method: 'PUT',
    route: '/any',
  },
  'another method': {
    build: ({ app }) => app.post('/items', ok),
    path: '/items',
    route: undefined,
  },
  'middleware alone': {
    build: ({ app, Router }) => app.use('/v1', Router().use(ok)),
    path: '/v1/x',
    route: undefined,
  },
}

const flavours: readonly [string, Flavour][] = [
  ['Express 5', express5],
  ['Express 5, router 2.2', express5OldRouter],
  ['Express 4', express4Flavour],
]

describe.each(flavours)('the route pattern on %s', (_name, flavour) => {
  it.each(Object.entries(cases))('%s', async (_case, { build, path, method = 'GET', ...expected }) => {
    const { recorder, url, close } = await serve(build, {}, flavour)
    await fetch(url + path, { method })
    await close()
    const found = !flavour.showsErrors && 'routeFound' in expected
    expect(recorder.events[0]?.properties.route).toBe(found ? expected.routeFound : expected.route)
  })
})
