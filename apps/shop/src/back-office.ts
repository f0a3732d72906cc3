import { setTimeout as wait } from 'node:timers/promises'
import { deliver } from './mail.js'
import { writeReceipt } from './receipts.js'
import { type Release, releaseOf } from './releases.js'
import type { Order } from './shop.js'

/** What is done about an order once it is placed, and by which queue. */
export const JOBS = {
  receipt: { queue: 'receipts', name: 'email.receipt' },
  stock: { queue: 'stock', name: 'stock.take' },
} as const

/** What is left of a product. */
export interface ShelfLevel {
  product: string
  left: number
}

/** The shop behind the counter, without a word about queues. */
export interface BackOffice {
  readonly release: Release
  /**
   * @throws MailError for an address that no mail can reach; on the bad release a TypeError for an order that
   * had a promotion, which is every order of that release
   */
  sendReceipt(order: Order): Promise<void>
  /** Takes an order off the shelf. @returns the products that are nearly sold out */
  takeStock(order: Order): Promise<ShelfLevel[]>
}

/** How long the mail server and the shelf take, in milliseconds. */
export interface OfficeDelays {
  mail: number
  shelf: number
}

const DELAYS: OfficeDelays = { mail: 25, shelf: 5 }
const FULL_SHELF = 50
const FEW = 5

export function createBackOffice(
  options: { release?: string | undefined; delays?: Partial<OfficeDelays> } = {},
): BackOffice {
  const release = releaseOf(options.release)
  const delays = { ...DELAYS, ...options.delays }
  const shelf = new Map<string, number>()

  return {
    release,

    async sendReceipt(order) {
      await wait(delays.mail)
      const receipt = writeReceipt(order, release)
      deliver(order.email, receipt)
    },

    async takeStock(order) {
      await wait(delays.shelf)
      const low: ShelfLevel[] = []
      for (const { product, quantity } of order.lines) {
        const before = shelf.get(product) ?? FULL_SHELF
        // What is sold out is filled up over night.
        const left = before < quantity ? FULL_SHELF : before - quantity
        shelf.set(product, left)
        if (left < FEW) low.push({ product, left })
      }
      return low
    },
  }
}
