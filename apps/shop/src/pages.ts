import { type Cart, subtotal } from './cart.js'
import { CATEGORIES, type Category, findCategory, listProducts, PRODUCTS, type Product } from './catalogue.js'
import { BROWSER_SCRIPT, STYLE } from './page-assets.js'
import type { Order } from './shop.js'

/** Whose page it is: `null` for a visitor who is not signed in. */
type Viewer = string | null

export function homePage(viewer: Viewer): string {
  return page('Hearth & Kiln', viewer, `<h1>For slow mornings</h1>${shelf(PRODUCTS.slice(0, 6))}`)
}

/** @throws ShopError 404 */
export function categoryPage(slug: string, viewer: Viewer): string {
  const category: Category = findCategory(slug)
  return page(
    category.name,
    viewer,
    `<h1>${text(category.name)}</h1>${shelf(listProducts({ category: slug }))}`,
  )
}

export function productPage(product: Product, viewer: Viewer): string {
  return page(
    product.name,
    viewer,
    `<h1>${text(product.name)}</h1><p>${text(product.text)}</p><p class="price">${money(product.price)}</p>
    <button data-add="${text(product.slug)}">Add to cart</button><p role="status"></p>`,
  )
}

export function cartPage(cart: Cart, viewer: Viewer): string {
  const rest = cart.lines.length
    ? `<p><a href="/checkout/${text(cart.id)}">To the checkout</a></p>`
    : '<p>Nothing in it yet.</p>'
  return page('Cart', viewer, `<h1>Your cart</h1>${lines(cart)}${rest}`)
}

export function checkoutPage(cart: Cart, viewer: Viewer): string {
  return page(
    'Checkout',
    viewer,
    `<h1>Checkout</h1>${lines(cart)}
    <form data-pay="${text(cart.id)}">
      <label>E-mail <input name="email" type="email" value="you@example.com" required></label>
      <label>Card <input name="card" inputmode="numeric" value="4242 4242 4242 4242" required></label>
      <button>Pay</button><p role="status"></p>
    </form>`,
  )
}

export function accountPage(viewer: Viewer, orders: readonly Order[]): string {
  const list = orders.map(order => `<li>${text(order.id)}: ${money(order.total)}</li>`).join('')
  const body = viewer
    ? `<h1>Your orders</h1><ul>${list || '<li>None yet.</li>'}</ul><p><a href="/api/orders/export">Export</a></p>`
    : '<h1>Your account</h1><p>You are not signed in.</p>'
  return page('Account', viewer, body)
}

function page(title: string, viewer: Viewer, body: string): string {
  const categories = CATEGORIES.map(({ slug, name }) => `<a href="/category/${slug}">${text(name)}</a>`).join(
    ' ',
  )
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${text(title)}</title>
<link rel="icon" href="data:,"><style>${STYLE}</style></head>
<body>
<header><a href="/"><b>Hearth &amp; Kiln</b></a> ${categories} <a href="/account">${viewer ? text(viewer) : 'Account'}</a></header>
<main>${body}</main>
<script>${BROWSER_SCRIPT}</script>
</body>
</html>
`
}

function shelf(products: readonly Product[]): string {
  const cards = products.map(
    ({ slug, name, price }) =>
      `<li><a href="/product/${slug}">${text(name)}</a><span class="price">${money(price)}</span></li>`,
  )
  return `<ul class="shelf">${cards.join('')}</ul>`
}

function lines(cart: Cart): string {
  const rows = cart.lines.map(
    ({ product, quantity }) =>
      `<tr><td>${text(product.name)}</td><td>${quantity}</td><td>${money(product.price * quantity)}</td></tr>`,
  )
  return `<table>${rows.join('')}<tr><th>Sum</th><td></td><th>${money(subtotal(cart))}</th></tr></table>`
}

function money(cents: number): string {
  return `€ ${(cents / 100).toFixed(2)}`
}

function text(value: string): string {
  return value.replace(/[&<>"']/g, char => `&#${char.charCodeAt(0)};`)
}
