import http2 from 'node:http2'
import type { Analytics } from '@justanalytics/core'
import type { RequestAnalytics } from '@justanalytics/core/adapter'
import fastify, { type FastifyBaseLogger, type FastifyTypeProvider } from 'fastify'
import { expectTypeOf } from 'vitest'
import justanalytics, { route } from '../src/index.js'

// Checked by the compiler alone (`pnpm types`).

const app = fastify()
app.register(justanalytics)
app.register(justanalytics, {
  user: request => request.headers['x-user'] as string,
  api: /^\/api/,
  ignore: ['/health'],
})
// @ts-expect-error no such option
app.register(justanalytics, { colour: 'red' })
// @ts-expect-error a wrong value
app.register(justanalytics, { flushAt: 'often' })

expectTypeOf(app.analytics).toEqualTypeOf<Analytics>()
app.get('/a', async request => expectTypeOf(request.analytics).toEqualTypeOf<RequestAnalytics>())
app.get('/b', { config: { analytics: { viewset: 'carts', action: 'checkout' } } }, async () => '')
app.get('/c', route(false), async () => '')
app.get('/d', { ...route({ viewset: 'carts' }), schema: {} }, async () => '')
// @ts-expect-error a wrong value
route(true)
// @ts-expect-error a wrong name
route({ view: 'carts' })

fastify({ http2: true }).register(justanalytics, { visitor: false })
fastify({ http2: true, https: { allowHTTP1: true } }).register(justanalytics, { visitor: false })
fastify({ https: {} }).register(justanalytics, { visitor: false })
fastify({ serverFactory: handler => http2.createServer(handler as never) as never }).register(justanalytics)

interface ShoutingLogger extends FastifyBaseLogger {
  shout(text: string): void
}
declare const loggerInstance: ShoutingLogger
fastify({ loggerInstance }).register(justanalytics, { service: 'shop' })

interface Provider extends FastifyTypeProvider {
  validator: this['schema']
}
fastify().withTypeProvider<Provider>().register(justanalytics, { service: 'shop' })
