import { upgradeWebSocket } from '@hono/node-server'
import type { Analytics } from '@justanalytics/core'
import type { RequestAnalytics } from '@justanalytics/core/adapter'
import { type Context, Hono } from 'hono'
import { upgradeWebSocket as upgradeOnBun } from 'hono/bun'
import { upgradeWebSocket as upgradeOnWorkers } from 'hono/cloudflare-workers'
import { expectTypeOf } from 'vitest'
import justanalytics, { observeWebSockets, route } from '../src/index.js'

// Checked by the compiler alone (`pnpm types`).

const analytics = justanalytics({
  user: c => c.req.header('x-user'),
  api: /^\/api/,
  ignore: ['/health', c => c.req.method === 'OPTIONS'],
})
expectTypeOf(analytics.client).toEqualTypeOf<Analytics>()
expectTypeOf(analytics.close()).toEqualTypeOf<Promise<boolean>>()
// @ts-expect-error no such option
justanalytics({ colour: 'red' })
// @ts-expect-error a wrong value
justanalytics({ flushAt: 'often' })

interface Env {
  Bindings: { DATABASE: string }
  Variables: { session: { userId: string } }
}
new Hono<Env>()
  .use(analytics)
  .use(justanalytics({ user: (c: Context<Env>) => c.var.session.userId }))
  .get('/a', route({ viewset: 'carts', action: 'checkout' }), c => {
    expectTypeOf(c.var.analytics).toEqualTypeOf<RequestAnalytics>()
    expectTypeOf(c.get('analytics')).toEqualTypeOf<RequestAnalytics>()
    expectTypeOf(c.env.DATABASE).toEqualTypeOf<string>()
    return c.text('')
  })
  .get('/b', route(false), c => c.text(''))
// @ts-expect-error a wrong value
route(true)
// @ts-expect-error a wrong name
route({ view: 'carts' })

expectTypeOf(observeWebSockets(upgradeWebSocket)).toEqualTypeOf(upgradeWebSocket)
expectTypeOf(observeWebSockets(upgradeOnBun)).toEqualTypeOf(upgradeOnBun)
expectTypeOf(observeWebSockets(upgradeOnWorkers)).toEqualTypeOf(upgradeOnWorkers)
// @ts-expect-error nothing to observe
observeWebSockets('socket')
