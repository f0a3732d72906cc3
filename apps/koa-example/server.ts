/**
 * A small shop on Koa that tells JustAnalytics what happens in it.
 *
 *     JUSTANALYTICS_SITE_ID=… JUSTANALYTICS_API_KEY=… \
 *     JUSTANALYTICS_ENDPOINT=http://127.0.0.1:4100/v1/events npx tsx server.ts
 *
 * Without a key it serves all the same, and says once that nothing is sent.
 */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import justanalytics, { route } from '@justanalytics/koa'
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
import { bodyParser } from '@koa/bodyparser'
import Router, { type RouterContext } from '@koa/router'
import Koa, { type Context } from 'koa'

interface State {
  /** Who is signed in. */
  viewer: string | null
}

const shop = createShop({ release: process.env.SHOP_RELEASE })
const app = new Koa<State>({ proxy: true })

// Before all others. Site, key and endpoint come from the environment.
const analytics = justanalytics({
  release: shop.release.name,
  user: ctx => ctx.state.viewer,
  ignore: '/health',
  api: ['/api/*', /^\/checkout\/[^/]+\/pay$/],
})
app.use(analytics)

app.use(async (ctx, next) => {
  ctx.state.viewer = signedInUser(ctx.get('cookie'))
  await next()
})
app.use(bodyParser())

const router = new Router<State>()
const param = (ctx: RouterContext, name: string) => ctx.params[name] as string

router.get('/health', ctx => {
  ctx.body = { status: 'ok' }
})

router.get('/', ctx => {
  ctx.body = pages.homePage(ctx.state.viewer)
})

router.get('/category/:category', ctx => {
  ctx.body = pages.categoryPage(param(ctx, 'category'), ctx.state.viewer)
})

router.get('/product/:product', ctx => {
  ctx.body = pages.productPage(findProduct(param(ctx, 'product')), ctx.state.viewer)
})

router.get('/cart/:cart', ctx => {
  ctx.body = pages.cartPage(shop.cart(param(ctx, 'cart')), ctx.state.viewer)
})

router.get('/checkout/:cart', ctx => {
  ctx.body = pages.checkoutPage(shop.cart(param(ctx, 'cart')), ctx.state.viewer)
})

router.get('/account', ctx => {
  const { viewer } = ctx.state
  ctx.body = pages.accountPage(viewer, viewer ? shop.orders(viewer) : [])
})

router.post('/checkout/:cart/pay', route({ viewset: 'checkout', action: 'pay' }), async ctx => {
  const card = text(ctx, 'card')
  const email = text(ctx, 'email')
  const order = await shop.pay(param(ctx, 'cart'), { card, email, user: ctx.state.viewer })
  ctx.body = order
  try {
    await shop.sendReceipt(order)
  } catch (error) {
    // The order stands; someone should know all the same.
    ctx.analytics.captureException(error, { order: order.id })
  }
})

const api = new Router<State>({ prefix: '/api' })

api.post('/session', ctx => {
  const user = userOf(text(ctx, 'email'))
  // The cookie is not in this request yet, so the adapter is told.
  ctx.analytics.setUser(user.id)
  ctx.status = 201
  ctx.set('set-cookie', sessionCookie(user))
  ctx.body = user
})

api.get('/products', ctx => {
  ctx.body = listProducts(ctx.query as { category?: string; q?: string })
})

api.post('/carts', ctx => {
  ctx.status = 201
  ctx.body = shop.createCart()
})

api.post('/carts/:cart/items', ctx => {
  const product = text(ctx, 'product')
  const { quantity } = ctx.request.body as { quantity: number }
  ctx.status = 201
  ctx.body = shop.addToCart(param(ctx, 'cart'), product, quantity)
})

api.delete('/carts/:cart/items/:product', ctx => {
  ctx.body = shop.removeFromCart(param(ctx, 'cart'), param(ctx, 'product'))
})

api.get('/carts/:cart/delivery', async ctx => {
  ctx.body = await shop.delivery(param(ctx, 'cart'))
})

// A route may say itself what it is called.
api.get('/orders/export', route({ viewset: '/api/orders', action: 'export' }), ctx => {
  ctx.type = 'text/csv'
  ctx.body = Readable.from(shop.exportOrders(ctx.state.viewer ?? ''))
})

/** @throws ShopError 400 unless the body has it */
function text(ctx: Context, name: string): string {
  const value = (ctx.request.body as Record<string, unknown> | undefined)?.[name]
  if (typeof value !== 'string' || value === '') throw new ShopError(400, `${name} is missing`)
  return value
}

router.use(api.routes())
app.use(router.routes()).use(router.allowedMethods())
app.on('error', (error: Error & { status?: number }) => {
  if (!error.status || error.status >= 500) console.error(error)
})

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1')

// Closing answers what is under way; then what is left is delivered.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => server.close(() => analytics.close()))
}

await once(server, 'listening')
const { port } = server.address() as AddressInfo
console.log(`The shop (${shop.release.name}) listens on http://127.0.0.1:${port}`)
