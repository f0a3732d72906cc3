/** The page's look. */
export const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 52rem; padding: 1rem; color: #2b2622; background: #faf7f2 }
header { display: flex; gap: 1rem; border-bottom: 1px solid #d8cfc4; padding-bottom: .5rem }
header a:last-of-type { margin-left: auto }
a { color: #8a3b12 }
.shelf { display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); gap: 1rem; list-style: none; padding: 0 }
.shelf li { background: #fff; border: 1px solid #e6ddd2; border-radius: 6px; padding: 1rem; display: flex; justify-content: space-between }
.price { font-variant-numeric: tabular-nums }
td, th { padding: .2rem 1rem .2rem 0; text-align: left }
label { display: block; margin: .5rem 0 }
`

/** What the page does in a browser: a cart kept by its id, and paying. */
export const BROWSER_SCRIPT = `
const say = (near, line) => { near.parentNode.querySelector('[role=status]').textContent = line }
const send = (method, path, body) => fetch(path, {
  method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
})
for (const button of document.querySelectorAll('[data-add]')) button.onclick = async () => {
  let cart = sessionStorage.cart
  if (!cart) cart = sessionStorage.cart = (await (await send('POST', '/api/carts', {})).json()).id
  const answer = await send('POST', '/api/carts/' + cart + '/items', { product: button.dataset.add, quantity: 1 })
  if (answer.ok) location.href = '/cart/' + cart
  else { delete sessionStorage.cart; say(button, 'That cart is gone; try once more.') }
}
for (const form of document.querySelectorAll('[data-pay]')) form.onsubmit = async event => {
  event.preventDefault()
  const answer = await send('POST', '/checkout/' + form.dataset.pay + '/pay', Object.fromEntries(new FormData(form)))
  if (answer.ok) delete sessionStorage.cart
  say(form.querySelector('button'), answer.ok ? 'Thank you. It is on its way.' : 'That did not work (' + answer.status + ').')
}
`
