import { type Cart, empty, type Item, missing, other } from './data.js'

class CartError extends Error {}

class CartLocked extends Error {
  override name = 'CartLocked'
}

function computeTotal(cart: Cart): number {
  const first = cart.items[0] as Item
  return first.owner.id.length + first.price
}

/** The same property, in another function. */
function computeTax(item: Item): number {
  return item.owner.id.length * 0.2
}

/** The same function and another property. */
function describe(item: Item, full: boolean): string {
  if (full) return item.owner.address.city
  return item.owner.name
}

function validate(cart: Cart, n: number): void {
  if (cart.items.length === 0) throw new CartError(`cart ${n} is empty`)
  if (cart.items.length > 2) throw new CartError(`cart ${n} has ${cart.items.length + n} items, more than 2`)
}

function lock(n: number): never {
  throw new CartLocked(`cart 'cart-${n}' is locked by user-${n * 7}`)
}

function open(n: number): never {
  throw new CartLocked(`cart 'cart-${n}' is locked by user-${n * 7}`)
}

const total = (items: Item[]): number[] => items.map(item => item.discount())

function* rows(cart: Cart): Generator<string> {
  for (const item of cart.items) yield item.tags.join()
}

class Basket {
  items: Item[] = []
  #secret = 1

  get weight(): number {
    return this.items.reduce((sum, item) => sum + item.owner.address.city.length, 0)
  }

  constructor(cart?: Cart) {
    if (cart) this.items = [...cart.items]
  }

  static read(text: string): Basket {
    return Object.assign(new Basket(), JSON.parse(text))
  }

  peek(of: Basket): number {
    return of.#secret
  }

  sort = (): void => {
    this.items.sort((a, b) => a.owner.name.localeCompare(b.owner.name))
  }
}

const item = (n: number, more: Partial<Item> = {}): Item => ({
  id: `item-${n}`,
  price: n,
  owner: missing(),
  tags: [],
  discount: () => 0,
  ...more,
})
const cart = (n: number, items: Item[]): Cart => ({ id: `cart-${n}`, items, user: missing() })

export const cartFaults = {
  total: (n: number) => computeTotal(cart(n, [item(n, { owner: n % 2 ? missing() : empty() })])),
  tax: (n: number) => computeTax(item(n)),
  city: (n: number) => describe(item(n, { owner: other({ id: `${n}` }) }), true),
  name: (n: number) => describe(item(n), false),
  empty: (n: number) => validate(cart(n, []), n),
  full: (n: number) => validate(cart(n, [item(1), item(2), item(3)]), n),
  lock: (n: number) => lock(n),
  open: (n: number) => open(n),
  discount: (n: number) => total([item(n, { discount: missing() })]),
  rows: (n: number) => [...rows(cart(n, [item(n, { tags: missing() })]))],
  weight: (n: number) => Object.assign(new Basket(), { items: [item(n)] }).weight,
  basket: (n: number) => new Basket(cart(n, other(n))),
  read: (n: number) => Basket.read(n % 2 ? `{"id": ${n}` : `cart ${n}`),
  peek: () => new Basket().peek(other({})),
  sort: (n: number) => Object.assign(new Basket(), { items: [item(n), item(n + 1)] }).sort(),
}
