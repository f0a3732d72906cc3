import { describe, expect, it } from 'vitest'
import { BAD_RELEASE, createBackOffice, GOOD_RELEASE, type Order } from '../src/index.js'

const DELAYS = { mail: 0, shelf: 0 }
const officeOf = (release: string) => createBackOffice({ release, delays: DELAYS })

function order(more: Partial<Order> = {}): Order {
  const lines = [{ product: 'sencha', quantity: 2 }]
  return {
    id: 'o-1',
    cart: 'c-1',
    user: null,
    email: 'ana@example.com',
    lines,
    total: 2900,
    promotions: [],
    ...more,
  }
}

describe('a receipt', () => {
  const promoted = { promotions: ['autumn-tea'] }

  it.each([
    ['an order without a promotion', GOOD_RELEASE, {}],
    ['an order that the bad release took, on the good one', GOOD_RELEASE, promoted],
    ['an order that the good release took, on the bad one', BAD_RELEASE, {}],
  ])('is mailed for %s', async (_, release, more) => {
    await expect(officeOf(release).sendReceipt(order(more))).resolves.toBeUndefined()
  })

  it('breaks where the bad release prints its own promotions', async () => {
    const error = await officeOf(BAD_RELEASE)
      .sendReceipt(order(promoted))
      .catch(error => error)
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toBe("Cannot read properties of undefined (reading 'label')")
    expect(error.stack).toMatch(/^\s+at (Array\.map \(<anonymous>\)\n\s+at )?.*labelOf .*receipts\.ts/m)
  })

  it('is not mailed to an address that no mail can reach', async () => {
    await expect(officeOf(GOOD_RELEASE).sendReceipt(order({ email: 'ana@localhost' }))).rejects.toThrow(
      '550 no such mailbox',
    )
  })
})

describe('the shelf', () => {
  it('tells what is nearly sold out, and is filled up once it is', async () => {
    const office = officeOf(GOOD_RELEASE)
    const take = (quantity: number) => office.takeStock(order({ lines: [{ product: 'sencha', quantity }] }))
    expect(await take(20)).toEqual([])
    expect(await take(20)).toEqual([])
    expect(await take(6)).toEqual([{ product: 'sencha', left: 4 }])
    expect(await take(4)).toEqual([{ product: 'sencha', left: 0 }])
    expect(await take(1)).toEqual([])
    expect(await take(20)).toEqual([])
  })
})
