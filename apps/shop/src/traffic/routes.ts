/** One address of the shop, as all example applications serve it. */
export interface Route {
  method: 'GET' | 'POST' | 'DELETE'
  /** With `:name` for what varies. */
  pattern: string
  /** How the API calls it; a page has neither. */
  viewset?: string
  action?: string
  /** What an answer takes, in milliseconds: the history is made of it. */
  typical: number
}

/** What the visitors ask for. */
export const ROUTES = {
  home: { method: 'GET', pattern: '/', typical: 3 },
  category: { method: 'GET', pattern: '/category/:category', typical: 3 },
  product: { method: 'GET', pattern: '/product/:product', typical: 4 },
  cart: { method: 'GET', pattern: '/cart/:cart', typical: 4 },
  checkout: { method: 'GET', pattern: '/checkout/:cart', typical: 5 },
  account: { method: 'GET', pattern: '/account', typical: 4 },
  signIn: api('POST', '/api/session', '/api/session', 'create', 8),
  products: api('GET', '/api/products', '/api/products', 'list', 5),
  createCart: api('POST', '/api/carts', '/api/carts', 'create', 4),
  addToCart: api('POST', '/api/carts/:cart/items', '/api/carts/items', 'create', 6),
  removeFromCart: api('DELETE', '/api/carts/:cart/items/:product', '/api/carts/items', 'destroy', 5),
  delivery: api('GET', '/api/carts/:cart/delivery', '/api/carts/delivery', 'list', 310),
  exportOrders: api('GET', '/api/orders/export', '/api/orders', 'export', 520),
  pay: api('POST', '/checkout/:cart/pay', 'checkout', 'pay', 34),
} as const satisfies Record<string, Route>

export type RouteName = keyof typeof ROUTES

function api(
  method: Route['method'],
  pattern: string,
  viewset: string,
  action: string,
  typical: number,
): Required<Route> {
  return { method, pattern, viewset, action, typical }
}
