/**
 * A small shop on Fastify that tells JustAnalytics what happens in it.
 *
 *     JUSTANALYTICS_SITE_ID=… JUSTANALYTICS_API_KEY=… \
 *     JUSTANALYTICS_ENDPOINT=http://127.0.0.1:4100/v1/events npx tsx server.ts
 *
 * Without a key it serves all the same, and says once that nothing is sent. With a Redis in `REDIS_URL` it
 * leaves receipts and stock to the worker in `apps/bullmq-example`.
 */
import { Readable } from 'node:stream'
import justanalytics from '@justanalytics/fastify'
import * as pages from '@justanalytics/shop'
import {
  createShop,
  findProduct,
  listProducts,
  sessionCookie,
  signedInUser,
  userOf,
} from '@justanalytics/shop'
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import { openJobs } from './jobs.js'

const shop = createShop({ release: process.env.SHOP_RELEASE })
const app = Fastify({ trustProxy: 'loopback' })

// Site, key and endpoint come from the environment.
await app.register(justanalytics, {
  release: shop.release.name,
  user: request => signedInUser(request.headers.cookie),
  ignore: '/health',
  api: ['/api/*', /^\/checkout\/[^/]+\/pay$/],
})

const jobs = process.env.REDIS_URL ? await openJobs(process.env.REDIS_URL, app.analytics) : undefined
app.addHook('onClose', async () => jobs?.close())

app.get('/health', async () => ({ status: 'ok' }))

const viewer = (request: FastifyRequest) => signedInUser(request.headers.cookie)
const html = (reply: FastifyReply, page: string) => reply.type('text/html; charset=utf-8').send(page)

app.get('/', (request, reply) => html(reply, pages.homePage(viewer(request))))

app.get<{ Params: { category: string } }>('/category/:category', (request, reply) =>
  html(reply, pages.categoryPage(request.params.category, viewer(request))),
)

app.get<{ Params: { product: string } }>('/product/:product', (request, reply) =>
  html(reply, pages.productPage(findProduct(request.params.product), viewer(request))),
)

app.get<{ Params: { cart: string } }>('/cart/:cart', (request, reply) =>
  html(reply, pages.cartPage(shop.cart(request.params.cart), viewer(request))),
)

app.get<{ Params: { cart: string } }>('/checkout/:cart', (request, reply) =>
  html(reply, pages.checkoutPage(shop.cart(request.params.cart), viewer(request))),
)

app.get('/account', (request, reply) => {
  const user = viewer(request)
  return html(reply, pages.accountPage(user, user ? shop.orders(user) : []))
})

app.post<{ Body: { email: string } }>(
  '/api/session',
  { schema: { body: object({ email: { type: 'string', minLength: 3 } }) } },
  async (request, reply) => {
    const user = userOf(request.body.email)
    // The cookie is not in this request yet, so the adapter is told.
    request.analytics.setUser(user.id)
    return reply.code(201).header('set-cookie', sessionCookie(user)).send(user)
  },
)

app.get<{ Querystring: { category?: string; q?: string } }>('/api/products', async request =>
  listProducts(request.query),
)

app.post('/api/carts', async (_request, reply) => reply.code(201).send(shop.createCart()))

app.post<{ Params: { cart: string }; Body: { product: string; quantity: number } }>(
  '/api/carts/:cart/items',
  { schema: { body: object({ product: { type: 'string' }, quantity: { type: 'integer', minimum: 1 } }) } },
  async (request, reply) => {
    const { product, quantity } = request.body
    return reply.code(201).send(shop.addToCart(request.params.cart, product, quantity))
  },
)

app.delete<{ Params: { cart: string; product: string } }>('/api/carts/:cart/items/:product', async request =>
  shop.removeFromCart(request.params.cart, request.params.product),
)

app.get<{ Params: { cart: string } }>('/api/carts/:cart/delivery', async request =>
  shop.delivery(request.params.cart),
)

// A route may say itself what it is called.
app.get(
  '/api/orders/export',
  { config: { analytics: { viewset: '/api/orders', action: 'export' } } },
  (request, reply) => reply.type('text/csv').send(Readable.from(shop.exportOrders(viewer(request) ?? ''))),
)

app.post<{ Params: { cart: string }; Body: { card: string; email: string } }>(
  '/checkout/:cart/pay',
  {
    config: { analytics: { viewset: 'checkout', action: 'pay' } },
    schema: { body: object({ card: { type: 'string' }, email: { type: 'string' } }) },
  },
  async request => {
    const order = await shop.pay(request.params.cart, { ...request.body, user: viewer(request) })
    try {
      await (jobs ? jobs.enqueue(order) : shop.sendReceipt(order))
    } catch (error) {
      // The order stands; someone should know all the same.
      request.analytics.captureException(error, { order: order.id })
    }
    return order
  },
)

function object(properties: Record<string, object>): object {
  return { type: 'object', required: Object.keys(properties), properties }
}

// Closing answers what is under way, and the plugin then delivers what is left.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => app.close())

const address = await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 3000) })
console.log(`The shop (${shop.release.name}) listens on ${address}`)
