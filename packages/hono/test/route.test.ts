import { Hono } from 'hono'
import { basicAuth } from 'hono/basic-auth'
import { cors } from 'hono/cors'
import { expect, it } from 'vitest'
import { route } from '../src/index.js'
import { record, told } from './serve.js'

const page = (c: { text(text: string): Response }): Response => c.text('page')
const auth = basicAuth({ username: 'u', password: 'p' })

it.each<[string, (app: Hono) => unknown, string, string]>([
  ['a route', app => app.get('/a/:b', page), '/a/1', '200 /a/:b'],
  ['a base path', app => app.basePath('/v1').get('/a', page), '/v1/a', '200 /v1/a'],
  [
    'an application in another',
    app => app.route('/v1/:org', new Hono().route('/items', new Hono().get('/:id', page))),
    '/v1/acme/items/7',
    '200 /v1/:org/items/:id',
  ],
  [
    'the root of an application in another',
    app => app.route('/v1', new Hono().get('/', page)),
    '/v1',
    '200 /v1',
  ],
  [
    'a middleware of the same route before it',
    app => app.get('/a', async (_c, next) => next(), page),
    '/a',
    '200 /a',
  ],
  ['no route', app => app.get('/a', page), '/b', '404 no route'],
  ['no route, behind a middleware', app => app.use('/api/*', (_c, next) => next()), '/api/x', '404 no route'],
  [
    'no route, behind a middleware of one method',
    app => app.get('/api/*', (_c, next) => next()),
    '/api/x',
    '404 no route',
  ],
  [
    'no route, with an answer of the application’s own',
    app => app.notFound(c => c.text('?', 404)),
    '/b',
    '404 no route',
  ],
  [
    'a middleware that answers before the route',
    app => app.use(auth).get('/a/:b', page),
    '/a/1',
    '401 /a/:b',
  ],
  [
    'a middleware that answers before the route of an application in another',
    app => app.route('/admin', new Hono().use(auth).get('/users/:id', page)),
    '/admin/users/7',
    '401 /admin/users/:id',
  ],
  [
    'a middleware that answers where there is no route',
    app => app.use('/admin/*', auth),
    '/admin/x',
    '401 no route',
  ],
  ['all methods', app => app.all('/a', page), '/a', '200 /a'],
  ['a route for the rest', app => app.get('/a', page).get('*', page), '/b', '200 /*'],
  ['a route for the rest of a place', app => app.get('/a/*', page), '/a/b/c', '200 /a/*'],
  [
    'another application’s place',
    app => app.mount('/legacy', () => new Response('old')),
    '/legacy/x',
    '200 /legacy/*',
  ],
  [
    'another application’s fault',
    app => app.mount('/legacy', () => new Response('?', { status: 500 })),
    '/legacy/x',
    '500 /legacy/*',
  ],
  ['what other origins ask first', app => app.use(cors()).get('/a', page), '/a', '200 /a'],
  ['a handler that takes next', app => app.get('/a', async (c, _next) => page(c)), '/a', '200 /a'],
  [
    'one that hands over to the next',
    app => app.get('/a/:b', (_c, next) => next()).get('/a/1', page),
    '/a/1',
    '200 /a/1',
  ],
])('the route of %s', async (_what, build, path, expected) => {
  const { app, recorder } = record(build)
  await app.request(path)
  expect(told(recorder)).toEqual([`pageview ${path} ${expected}`])
})

it('is known to an exception that is reported on the way', async () => {
  const { app, recorder } = record(app =>
    app.get('/a/:b', c => {
      c.var.analytics.captureException(new Error('boom'))
      return c.text('page')
    }),
  )
  await app.request('/a/1')
  expect(recorder.events.map(event => event.properties.route)).toEqual(['/a/:b', '/a/:b'])
})

it('names of a route stand beside those of the middlewares it has', async () => {
  const { app, recorder } = record(
    app =>
      app
        .get('/cart', route({ viewset: 'carts' }), route({ viewset: 'carts', action: 'checkout' }), page)
        .get('/health', route(false), page),
    { api: () => true },
  )
  for (const path of ['/cart', '/health']) await app.request(path)
  expect(recorder.events.map(event => event.properties)).toEqual([
    expect.objectContaining({ viewset: 'carts', action: 'checkout', route: '/cart' }),
  ])
})

it('a route’s middleware without the adapter does nothing', async () => {
  const app = new Hono().get('/', route(false), page)
  expect((await app.request('/')).status).toBe(200)
})
