import { ShopError } from './errors.js'

export interface Category {
  slug: string
  name: string
}

export interface Product {
  slug: string
  name: string
  category: string
  /** In cents. */
  price: number
  text: string
}

export const CATEGORIES: readonly Category[] = [
  { slug: 'tea', name: 'Tea' },
  { slug: 'coffee', name: 'Coffee' },
  { slug: 'kitchen', name: 'Kitchen' },
  { slug: 'books', name: 'Books' },
  { slug: 'gifts', name: 'Gifts' },
]

export const PRODUCTS: readonly Product[] = [
  product('sencha', 'Sencha, 100 g', 'tea', 1450, 'First flush, steamed, grassy and sweet.'),
  product('assam-tgfop', 'Assam TGFOP, 250 g', 'tea', 1190, 'Malty and strong; it takes milk well.'),
  product('clay-teapot', 'Clay teapot, 0.6 l', 'tea', 4900, 'Thrown by hand, unglazed inside.'),
  product('house-espresso', 'House espresso, 500 g', 'coffee', 1690, 'Chocolate and hazelnut, low acidity.'),
  product('yirgacheffe', 'Yirgacheffe, 250 g', 'coffee', 1390, 'Washed; jasmine and lemon.'),
  product('hand-grinder', 'Hand grinder', 'coffee', 7900, 'Steel burrs, forty clicks.'),
  product('carbon-steel-pan', 'Carbon steel pan, 26 cm', 'kitchen', 6400, 'Seasoned and ready for the fire.'),
  product('bread-knife', 'Bread knife', 'kitchen', 3800, 'Serrated, 23 cm, walnut handle.'),
  product('linen-towel', 'Linen towel, pair', 'kitchen', 2200, 'Washed linen; softer every year.'),
  product('tea-atlas', 'The Tea Atlas', 'books', 3400, 'Forty gardens and how they taste.'),
  product('slow-bread', 'Slow Bread', 'books', 2800, 'Eleven doughs that can wait until morning.'),
  product('gift-card', 'Gift card', 'gifts', 5000, 'For those who know what they want.'),
]

/** What the address bar may ask for: one category's products, those that match a search, or all. */
export function listProducts(filter: { category?: string | undefined; q?: string | undefined }): Product[] {
  const found = filter.q ? searchProducts(filter.q) : PRODUCTS
  return found.filter(product => !filter.category || product.category === filter.category)
}

/**
 * An old fault of this shop, in every release: what a visitor types becomes a
 * pattern as it is, so a lone `(` is a SyntaxError and the answer a 500.
 */
function searchProducts(q: string): Product[] {
  const pattern = new RegExp(q, 'i')
  return PRODUCTS.filter(product => pattern.test(product.name) || pattern.test(product.text))
}

/** @throws ShopError 404 */
export function findProduct(slug: string): Product {
  const found = PRODUCTS.find(product => product.slug === slug)
  if (!found) throw new ShopError(404, `There is no product ${slug}`)
  return found
}

/** @throws ShopError 404 */
export function findCategory(slug: string): Category {
  const found = CATEGORIES.find(category => category.slug === slug)
  if (!found) throw new ShopError(404, `There is no category ${slug}`)
  return found
}

function product(slug: string, name: string, category: string, price: number, text: string): Product {
  return { slug, name, category, price, text }
}
