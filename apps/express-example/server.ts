/**
 * A small shop on Express that tells JustAnalytics what happens in it.
 *
 *     JUSTANALYTICS_SITE_ID=… JUSTANALYTICS_API_KEY=… \
 *     JUSTANALYTICS_ENDPOINT=http://127.0.0.1:4100/v1/events npx tsx server.ts
 *
 * Without a key it serves all the same, and says once that nothing is sent.
 */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import justanalytics, { route } from '@justanalytics/express'
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
import express, { type NextFunction, type Request, type Response, Router } from 'express'

const shop = createShop({ release: process.env.SHOP_RELEASE })
const app = express().set('trust proxy', 'loopback')

// Before all others. Site, key and endpoint come from the environment.
const analytics = justanalytics({
  release: shop.release.name,
  user: req => viewer(req),
  ignore: '/health',
  api: ['/api/*', /^\/checkout\/[^/]+\/pay$/],
})
app.use(analytics)
app.use(express.json())

const viewer = (req: Request) => signedInUser(req.get('cookie'))

app.get('/health', (_req, res) => void res.json({ status: 'ok' }))

app.get('/', (req, res) => void res.send(pages.homePage(viewer(req))))

app.get('/category/:category', (req, res) => {
  res.send(pages.categoryPage(req.params.category, viewer(req)))
})

app.get('/product/:product', (req, res) => {
  res.send(pages.productPage(findProduct(req.params.product), viewer(req)))
})

app.get('/cart/:cart', (req, res) => {
  res.send(pages.cartPage(shop.cart(req.params.cart), viewer(req)))
})

app.get('/checkout/:cart', (req, res) => {
  res.send(pages.checkoutPage(shop.cart(req.params.cart), viewer(req)))
})

app.get('/account', (req, res) => {
  const user = viewer(req)
  res.send(pages.accountPage(user, user ? shop.orders(user) : []))
})

app.post('/checkout/:cart/pay', route({ viewset: 'checkout', action: 'pay' }), async (req, res) => {
  const card = text(req, 'card')
  const email = text(req, 'email')
  const order = await shop.pay(String(req.params.cart), { card, email, user: viewer(req) })
  try {
    await shop.sendReceipt(order)
  } catch (error) {
    // The order stands; someone should know all the same.
    req.analytics.captureException(error, { order: order.id })
  }
  res.json(order)
})

const api = Router()

api.post('/session', (req, res) => {
  const user = userOf(text(req, 'email'))
  // The cookie is not in this request yet, so the adapter is told.
  req.analytics.setUser(user.id)
  res.status(201).set('set-cookie', sessionCookie(user)).json(user)
})

api.get('/products', (req, res) => {
  res.json(listProducts(req.query as { category?: string; q?: string }))
})

api.post('/carts', (_req, res) => void res.status(201).json(shop.createCart()))

api.post('/carts/:cart/items', (req, res) => {
  res.status(201).json(shop.addToCart(req.params.cart, text(req, 'product'), req.body.quantity))
})

api.delete('/carts/:cart/items/:product', (req, res) => {
  res.json(shop.removeFromCart(req.params.cart, req.params.product))
})

api.get('/carts/:cart/delivery', async (req, res) => {
  res.json(await shop.delivery(req.params.cart))
})

// A route may say itself what it is called.
api.get('/orders/export', route({ viewset: '/api/orders', action: 'export' }), async (req, res) => {
  await pipeline(shop.exportOrders(viewer(req) ?? ''), res.type('text/csv'))
})

/** @throws ShopError 400 unless the body has it */
function text(req: Request, name: string): string {
  const value = req.body?.[name]
  if (typeof value !== 'string' || value === '') throw new ShopError(400, `${name} is missing`)
  return value
}

app.use('/api', api)

// On Express 4, `app.use(analytics.errors)` would stand before it.
app.use((error: Error & { status?: number }, _req: Request, res: Response, next: NextFunction) => {
  if (res.headersSent) return next(error)
  const status = error.status ?? 500
  if (status >= 500) console.error(error)
  res.status(status).json({ error: status < 500 ? error.message : 'That did not work' })
})

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1')

// Closing answers what is under way; then what is left is delivered.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => server.close(() => analytics.close()))
}

await once(server, 'listening')
const { port } = server.address() as AddressInfo
console.log(`The shop (${shop.release.name}) listens on http://127.0.0.1:${port}`)
