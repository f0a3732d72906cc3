import type { Product } from './catalogue.js'
import type { Release } from './releases.js'

export interface CartLine {
  product: Product
  quantity: number
}

export interface Cart {
  id: string
  lines: CartLine[]
}

interface Promotion {
  id: string
  category: string
  /** Percent off. */
  off: number
}

const PROMOTIONS: readonly Promotion[] = [
  { id: 'autumn-tea', category: 'tea', off: 10 },
  { id: 'fresh-roast', category: 'coffee', off: 15 },
  { id: 'kitchen-week', category: 'kitchen', off: 5 },
]

/** How many of a product a cart takes. */
export const MAX_QUANTITY = 20

/** Adds to the line that has the product already, or makes one. */
export function addLine(cart: Cart, product: Product, quantity: number): void {
  const line = cart.lines.find(line => line.product === product)
  if (line) line.quantity = Math.min(MAX_QUANTITY, line.quantity + quantity)
  else cart.lines.push({ product, quantity: Math.min(MAX_QUANTITY, quantity) })
}

/** What the lines cost as the shelf says, in cents. */
export function subtotal(cart: Cart): number {
  return cart.lines.reduce((sum, line) => sum + line.product.price * line.quantity, 0)
}

/** What is to be paid, in cents, and the promotions that were applied. */
export function computeTotal(cart: Cart, release: Release): { total: number; promotions: string[] } {
  if (!release.promotions) return { total: subtotal(cart), promotions: [] }
  let total = 0
  const applied = new Set<string>()
  for (const { product, quantity } of cart.lines) {
    // The bad release: books and gifts are in no promotion, and nobody asked.
    const promotion = PROMOTIONS.find(({ category }) => category === product.category) as Promotion
    applied.add(promotion.id)
    total += Math.round((product.price * quantity * (100 - promotion.off)) / 100)
  }
  return { total, promotions: [...applied] }
}
