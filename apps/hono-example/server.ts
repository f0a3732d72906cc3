/**
 * A small shop on Hono that tells JustAnalytics what happens in it.
 *
 *     JUSTANALYTICS_SITE_ID=… JUSTANALYTICS_API_KEY=… \
 *     JUSTANALYTICS_ENDPOINT=http://127.0.0.1:4100/v1/events npx tsx server.ts
 *
 * Without a key it serves all the same, and says once that nothing is sent.
 */
import { serve } from '@hono/node-server'
import justanalytics, { route } from '@justanalytics/hono'
import * as pages from '@justanalytics/shop'
import {
  createShop,
  findProduct,
  listProducts,
  ShopError,
  sessionCookie,
  signedInUser,
  userOf,
} from '@justanalytics/shop'
import { type Context, Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { stream } from 'hono/streaming'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { validator } from 'hono/validator'

const shop = createShop({ release: process.env.SHOP_RELEASE })
const app = new Hono()

// Before all others. Site, key and endpoint come from the environment.
const analytics = justanalytics({
  release: shop.release.name,
  user: c => viewer(c),
  ignore: '/health',
  api: ['/api/*', /^\/checkout\/[^/]+\/pay$/],
})
app.use(analytics)

const viewer = (c: Context) => signedInUser(c.req.header('cookie'))

app.get('/health', c => c.json({ status: 'ok' }))

app.get('/', c => c.html(pages.homePage(viewer(c))))

app.get('/category/:category', c => c.html(pages.categoryPage(c.req.param('category'), viewer(c))))

app.get('/product/:product', c => c.html(pages.productPage(findProduct(c.req.param('product')), viewer(c))))

app.get('/cart/:cart', c => c.html(pages.cartPage(shop.cart(c.req.param('cart')), viewer(c))))

app.get('/checkout/:cart', c => c.html(pages.checkoutPage(shop.cart(c.req.param('cart')), viewer(c))))

app.get('/account', c => {
  const user = viewer(c)
  return c.html(pages.accountPage(user, user ? shop.orders(user) : []))
})

app.post(
  '/checkout/:cart/pay',
  route({ viewset: 'checkout', action: 'pay' }),
  texts('card', 'email'),
  async c => {
    const order = await shop.pay(c.req.param('cart'), { ...c.req.valid('json'), user: viewer(c) })
    try {
      await shop.sendReceipt(order)
    } catch (error) {
      // The order stands; someone should know all the same.
      c.var.analytics.captureException(error, { order: order.id })
    }
    return c.json(order)
  },
)

const api = new Hono()

api.post('/session', texts('email'), c => {
  const user = userOf(c.req.valid('json').email)
  // The cookie is not in this request yet, so the adapter is told.
  c.var.analytics.setUser(user.id)
  c.header('set-cookie', sessionCookie(user))
  return c.json(user, 201)
})

api.get('/products', c => c.json(listProducts(c.req.query())))

api.post('/carts', c => c.json(shop.createCart(), 201))

api.post('/carts/:cart/items', texts('product'), async c => {
  const { quantity } = await c.req.json<{ quantity: number }>()
  return c.json(shop.addToCart(c.req.param('cart'), c.req.valid('json').product, quantity), 201)
})

api.delete('/carts/:cart/items/:product', c =>
  c.json(shop.removeFromCart(c.req.param('cart'), c.req.param('product'))),
)

api.get('/carts/:cart/delivery', async c => c.json(await shop.delivery(c.req.param('cart'))))

// A route may say itself what it is called.
api.get('/orders/export', route({ viewset: '/api/orders', action: 'export' }), c => {
  c.header('content-type', 'text/csv')
  return stream(c, async out => {
    for await (const line of shop.exportOrders(viewer(c) ?? '')) {
      if (out.aborted) return
      await out.write(line)
    }
  })
})

/** A JSON body that has these as texts, or 400. */
function texts<Name extends string>(...names: Name[]) {
  return validator('json', (body: Record<string, unknown>) => {
    for (const name of names) {
      const value = body[name]
      if (typeof value !== 'string' || value === '') {
        throw new HTTPException(400, { message: `${name} is missing` })
      }
    }
    return body as Record<Name, string>
  })
}

app.route('/api', api)

app.onError((error, c) => {
  if (error instanceof HTTPException) return error.getResponse()
  if (error instanceof ShopError) {
    return c.json({ error: error.message }, error.status as ContentfulStatusCode)
  }
  console.error(error)
  const { status = 500 } = error as { status?: ContentfulStatusCode }
  return c.json({ error: 'That did not work' }, status)
})

const options = { fetch: app.fetch, hostname: '127.0.0.1', port: Number(process.env.PORT ?? 3000) }
const server = serve(options, ({ port }) => {
  console.log(`The shop (${shop.release.name}) listens on http://127.0.0.1:${port}`)
})

// Closing answers what is under way; then what is left is delivered.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => server.close(() => analytics.close()))
}
