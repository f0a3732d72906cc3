import type { IncomingMessage } from 'node:http'
import type { Analytics } from '@justanalytics/core'
import type { RequestAnalytics } from '@justanalytics/core/adapter'
import express, { type Request, Router } from 'express'
import { expectTypeOf } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import justanalytics, { route } from '../src/index.js'
import { observeWebSockets } from '../src/ws.js'

// Checked by the compiler alone, once with the types of each major (`pnpm types`).

const app = express()
app.use(justanalytics())
const analytics = justanalytics({
  user: req => req.get('x-user'),
  api: ['/api/*', req => req.is('json') === 'json'],
  ignore: '/health',
})
app.use(analytics)
app.use('/api', analytics)
app.use(analytics.errors)
// @ts-expect-error no such option
justanalytics({ colour: 'red' })
// @ts-expect-error a wrong value
justanalytics({ flushAt: 'often' })

expectTypeOf(analytics.client).toEqualTypeOf<Analytics>()
expectTypeOf(analytics.close()).toEqualTypeOf<Promise<boolean>>()
expectTypeOf<Request['analytics']>().toEqualTypeOf<RequestAnalytics>()
app.get('/a', (req, res) => {
  expectTypeOf(req.analytics).toEqualTypeOf<RequestAnalytics>()
  res.send('')
})

const router = Router()
router.use(route(false))
router.get('/carts/:id', route({ viewset: 'carts', action: 'checkout' }), (req, res) => {
  expectTypeOf(req.analytics).toEqualTypeOf<RequestAnalytics>()
  res.send(req.params.id)
})
interface Typed {
  id: string
}
router.get<Typed, string, { name: string }>('/typed/:id', (req, res) => {
  req.analytics.setUser(req.params.id)
  res.send(req.body.name)
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
