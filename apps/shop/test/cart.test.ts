import { describe, expect, it } from 'vitest'
import { BAD_RELEASE, createShop, GOOD_RELEASE } from '../src/index.js'
import { CARDS } from '../src/payments.js'

const DELAYS = { gateway: 0, carrier: 0, archive: 0 }
const PAYMENT = { card: CARDS.good, email: 'ana@example.com', user: 'u_ana' }

function shopWith(release: string, products: string[]) {
  const shop = createShop({ release, delays: DELAYS })
  const { id } = shop.createCart()
  for (const product of products) shop.addToCart(id, product, 1)
  return { shop, id }
}

describe('paying', () => {
  it.each([
    [GOOD_RELEASE, ['sencha', 'slow-bread'], 4250],
    [GOOD_RELEASE, ['gift-card'], 5000],
    [BAD_RELEASE, ['sencha', 'house-espresso'], 2742],
  ])('%s takes %j for %i cents', async (release, products, total) => {
    const { shop, id } = shopWith(release, products)
    expect((await shop.pay(id, PAYMENT)).total).toBe(total)
    expect(() => shop.cart(id)).toThrow('There is no cart')
  })

  it.each([[['slow-bread']], [['sencha', 'gift-card']]])(
    'breaks for %j on the bad release',
    async products => {
      const { shop, id } = shopWith(BAD_RELEASE, products)
      const error = await shop.pay(id, PAYMENT).catch(error => error)
      expect(error).toBeInstanceOf(TypeError)
      expect(error.message).toBe("Cannot read properties of undefined (reading 'id')")
      expect(error.stack).toMatch(/^\s+at computeTotal .*cart\.ts/m)
    },
  )

  it.each([
    ['a declined card', { ...PAYMENT, card: CARDS.declined }, ['sencha'], 402],
    ['a gateway that does not answer', { ...PAYMENT, card: CARDS.timesOut }, ['sencha'], 502],
    ['an empty cart', PAYMENT, [], 409],
  ])('answers %s with its status', async (_, payment, products, status) => {
    const { shop, id } = shopWith(GOOD_RELEASE, products)
    await expect(shop.pay(id, payment)).rejects.toMatchObject({ status, statusCode: status })
  })
})
