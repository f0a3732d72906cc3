import type { IncomingMessage } from 'node:http'
import type { Analytics } from '@justanalytics/core'
import type { RequestAnalytics } from '@justanalytics/core/adapter'
import Router from '@koa/router'
import Koa, { type Context } from 'koa'
import { expectTypeOf } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import justanalytics, { route } from '../src/index.js'
import { observeWebSockets } from '../src/ws.js'

// Checked by the compiler alone, once with the types of each major (`pnpm types`).

const app = new Koa()
app.use(justanalytics())
const analytics = justanalytics({
  user: ctx => ctx.state.user?.id,
  api: ['/api/*', ctx => ctx.is('json') === 'json'],
  ignore: '/health',
})
app.use(analytics)
// @ts-expect-error no such option
justanalytics({ colour: 'red' })
// @ts-expect-error a wrong value
justanalytics({ flushAt: 'often' })

expectTypeOf(analytics.client).toEqualTypeOf<Analytics>()
expectTypeOf(analytics.close()).toEqualTypeOf<Promise<boolean>>()
expectTypeOf<Context['analytics']>().toEqualTypeOf<RequestAnalytics>()
app.use(async ctx => expectTypeOf(ctx.analytics).toEqualTypeOf<RequestAnalytics>())

interface State {
  user: { id: number }
}
interface Own {
  db: string
}
const typed = new Koa<State, Own>()
typed.use(analytics).use(route(false))
typed.use(async ctx => {
  expectTypeOf(ctx.analytics).toEqualTypeOf<RequestAnalytics>()
  ctx.analytics.setUser(ctx.state.user.id)
})

const router = new Router<State, Own>()
router.get('/carts', route({ viewset: 'carts', action: 'checkout' }), ctx => {
  expectTypeOf(ctx.analytics).toEqualTypeOf<RequestAnalytics>()
})
// @ts-expect-error a wrong value
router.get('/carts', route(true))

const sockets = new WebSocketServer({ noServer: true })
const observe = observeWebSockets(sockets, {
  client: analytics.client,
  user: request => request.headers['x-user']?.[0],
})
sockets.on(
  'connection',
  observe((socket, request) => {
    expectTypeOf(socket).toEqualTypeOf<WebSocket>()
    expectTypeOf(request).toEqualTypeOf<IncomingMessage>()
  }),
)
