import { describeError, type ErrorFacts } from '@justanalytics/core/event'
import { listProducts } from '../catalogue.js'
import { CARDS } from '../payments.js'
import { createShop } from '../shop.js'
import type { Step } from '../traffic/plan.js'

/** An error that the shop made, and which way it was seen. */
export interface Fault {
  facts: ErrorFacts
  mechanism: 'request' | 'manual'
}

/** The fault that a step runs into on a good release, or `undefined`. */
export type Faults = (step: Step) => Fault | undefined

/** Runs the shop into each of its old faults once, so that the past tells them as the present does. */
export async function collectFaults(): Promise<Faults> {
  const shop = createShop({ delays: { gateway: 0 } })
  const { id } = shop.createCart()
  shop.addToCart(id, 'sencha', 1)
  const email = 'visitor60@localhost'
  const order = { id: 'o-1', cart: id, user: null, email, lines: [], total: 1450, promotions: [] }
  const search = await caught('request', async () => listProducts({ q: '(200 g' }))
  const gateway = await caught('request', () => shop.pay(id, { card: CARDS.timesOut, email, user: null }))
  const mail = await caught('manual', () => shop.sendReceipt(order))
  return step => {
    if (step.to === 'products' && step.status === 500) return search
    if (step.to !== 'pay') return undefined
    if (step.status === 502) return gateway
    return step.status === 200 && String(step.body?.email).endsWith('@localhost') ? mail : undefined
  }
}

async function caught(mechanism: Fault['mechanism'], run: () => Promise<unknown>): Promise<Fault> {
  try {
    await run()
  } catch (error) {
    return { facts: describeError(error), mechanism }
  }
  throw new Error('The shop has lost one of its faults')
}
