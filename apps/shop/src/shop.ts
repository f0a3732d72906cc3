import { setTimeout as wait } from 'node:timers/promises'
import { addLine, type Cart, computeTotal, MAX_QUANTITY } from './cart.js'
import { findProduct } from './catalogue.js'
import { ShopError } from './errors.js'
import { deliver } from './mail.js'
import { charge } from './payments.js'
import { type Release, releaseOf } from './releases.js'

export interface Order {
  id: string
  cart: string
  user: string | null
  email: string
  lines: OrderLine[]
  /** In cents. */
  total: number
  promotions: string[]
}

export interface OrderLine {
  /** Its slug. */
  product: string
  quantity: number
}

export interface Payment {
  card: string
  email: string
  user: string | null
}

/** The shop behind every example: what it knows and does, without a word about HTTP. */
export interface Shop {
  readonly release: Release
  createCart(): Cart
  /** @throws ShopError 404 */
  cart(id: string): Cart
  /** @throws ShopError 400, 404 */
  addToCart(id: string, product: string, quantity: number): Cart
  /** @throws ShopError 404 */
  removeFromCart(id: string, product: string): Cart
  /** Asks the carrier, which takes its time. @throws ShopError 404 */
  delivery(id: string): Promise<{ carrier: string; days: number }>
  /** @throws ShopError 402, 404, 409 when empty; GatewayError; on the bad release a TypeError for some carts */
  pay(id: string, payment: Payment): Promise<Order>
  /** @throws MailError for an address that no mail can reach */
  sendReceipt(order: Order): Promise<void>
  orders(user: string): Order[]
  /** A year of bookkeeping, line by line: the first at once, the others as the archive gives them. */
  exportOrders(user: string): AsyncGenerator<string>
}

/** How long what the shop waits for takes, in milliseconds. */
export interface Delays {
  gateway: number
  carrier: number
  archive: number
}

const DELAYS: Delays = { gateway: 25, carrier: 300, archive: 40 }
const EXPORTED_MONTHS = 12

export function createShop(options: { release?: string | undefined; delays?: Partial<Delays> } = {}): Shop {
  const release = releaseOf(options.release)
  const delays = { ...DELAYS, ...options.delays }
  const carts = new Map<string, Cart>()
  const orders: Order[] = []

  function cart(id: string): Cart {
    const found = carts.get(id)
    if (!found) throw new ShopError(404, `There is no cart ${id}`)
    return found
  }

  return {
    release,
    cart,

    createCart() {
      const created = { id: crypto.randomUUID().slice(0, 8), lines: [] }
      carts.set(created.id, created)
      return created
    },

    addToCart(id, product, quantity) {
      if (!Number.isInteger(quantity) || quantity < 1 || quantity > MAX_QUANTITY)
        throw new ShopError(400, `A quantity is 1 to ${MAX_QUANTITY}`)
      const into = cart(id)
      addLine(into, findProduct(product), quantity)
      return into
    },

    removeFromCart(id, product) {
      const from = cart(id)
      const index = from.lines.findIndex(line => line.product.slug === product)
      if (index < 0) throw new ShopError(404, `There is no ${product} in this cart`)
      from.lines.splice(index, 1)
      return from
    },

    async delivery(id) {
      const parcels = cart(id).lines.length
      await wait(delays.carrier)
      return { carrier: 'Northwind Parcel', days: 1 + parcels }
    },

    async pay(id, { card, email, user }) {
      const paid = cart(id)
      if (paid.lines.length === 0) throw new ShopError(409, 'This cart is empty')
      const { total, promotions } = computeTotal(paid, release)
      await wait(delays.gateway)
      charge(card)
      const lines = paid.lines.map(({ product, quantity }) => ({ product: product.slug, quantity }))
      const order = { id: `o-${orders.length + 1}`, cart: id, user, email, lines, total, promotions }
      orders.push(order)
      carts.delete(id)
      return order
    },

    async sendReceipt(order) {
      deliver(order.email, `Your order ${order.id} is on its way.`)
    },

    orders: user => orders.filter(order => order.user === user),

    async *exportOrders(user) {
      yield 'month,orders,total\n'
      const own = orders.filter(order => order.user === user)
      for (let month = 1; month <= EXPORTED_MONTHS; month++) {
        await wait(delays.archive)
        const total = own.reduce((sum, order) => sum + order.total, 0)
        yield `${String(month).padStart(2, '0')},${own.length},${total}\n`
      }
    },
  }
}
