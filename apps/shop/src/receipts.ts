import { findProduct } from './catalogue.js'
import type { Release } from './releases.js'
import type { Order } from './shop.js'

/** What a promotion is called on paper. */
const LABELS: readonly { promotion: string; label: string }[] = [
  { promotion: 'summer-tea', label: 'Summer tea, 10 % off' },
  { promotion: 'summer-roast', label: 'Summer roast, 15 % off' },
]

/** The receipt in full, line by line. */
export function writeReceipt(order: Order, release: Release): string {
  const lines = order.lines.map(({ product, quantity }) => `${quantity} × ${findProduct(product).name}`)
  if (release.promotions) lines.push(...order.promotions.map(labelOf))
  return [`Order ${order.id}`, ...lines, `Total: ${(order.total / 100).toFixed(2)}`].join('\n')
}

/** The bad release again: these are last season's promotions, and no order has one of them. */
function labelOf(promotion: string): string {
  const found = LABELS.find(each => each.promotion === promotion) as (typeof LABELS)[number]
  return found.label
}
