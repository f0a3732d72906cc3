import Router from '@koa/router'
import Router13 from '@koa/router-13'
import type Koa from 'koa'
import type { Middleware } from 'koa'
import mount from 'koa-mount'
import { describe, expect, it } from 'vitest'
import { serve } from './serve.js'

const ok: Middleware = ctx => {
  ctx.body = 'ok'
}
const fail: Middleware = () => {
  throw new Error('boom')
}

const routers = [
  ['@koa/router 15', Router],
  ['@koa/router 13', Router13 as unknown as typeof Router],
] as const

type Build = (app: Koa, Routes: typeof Router) => void

/** What is built, what is asked for, and the pattern that is to be told. */
const cases: readonly [name: string, build: Build, path: string, route: string | undefined][] = [
  [
    'a prefix',
    (app, Routes) => void app.use(new Routes({ prefix: '/api' }).get('/items/:id', ok).routes()),
    '/api/items/7',
    '/api/items/:id',
  ],
  [
    'a router in a router',
    (app, Routes) => {
      const items = new Routes({ prefix: '/items' }).get('/:id', ok)
      app.use(new Routes({ prefix: '/:org' }).use('/v1', items.routes()).routes())
    },
    '/acme/v1/items/7',
    '/:org/v1/items/:id',
  ],
  [
    'a mount',
    (app, Routes) => void app.use(mount('/shop', new Routes().get('/items/:id', ok).routes())),
    '/shop/items/7?q=/shop',
    '/shop/items/:id',
  ],
  [
    'a mount in a mount, and an error out of it',
    (app, Routes) =>
      void app.use(mount('/a', mount('/b', new Routes().get('/items/:id', fail).routes()) as never)),
    '/a/b/items/7',
    '/a/b/items/:id',
  ],
  [
    'the root of a mount',
    (app, Routes) => void app.use(mount('/shop', new Routes().get('/', ok).routes())),
    '/shop',
    '/shop',
  ],
  [
    'a mount that was left again',
    (app, Routes) => {
      app.use(mount('/shop', (_ctx, next) => next()))
      app.use(new Routes().get('/shop/:page', ok).routes())
    },
    '/shop/faq',
    '/shop/:page',
  ],
  [
    'the first of two that match',
    (app, Routes) => void app.use(new Routes().get('/users/:id', ok).get('/users/me', ok).routes()),
    '/users/me',
    '/users/:id',
  ],
  [
    'a middleware of the router that answers',
    (app, Routes) => {
      const router = new Routes({ prefix: '/api' })
      router.use(ctx => ctx.throw(401))
      app.use(router.get('/items/:id', ok).routes())
    },
    '/api/items/7',
    '/api/items/:id',
  ],
  [
    'a RegExp',
    (app, Routes) => void app.use(new Routes().get(/^\/item-(\d+)$/, ok).routes()),
    '/item-7',
    String(/^\/item-(\d+)$/),
  ],
  [
    'another method',
    (app, Routes) => void app.use(new Routes().post('/items', ok).routes()),
    '/items',
    undefined,
  ],
]

describe.each(routers)('the route pattern with %s', (_name, Routes) => {
  it.each(cases)('%s', async (_name, build, path, route) => {
    const { recorder, url, close } = await serve(app => build(app, Routes))
    await fetch(url + path)
    await close()
    expect(recorder.events[0]?.properties.route).toBe(route)
  })
})
