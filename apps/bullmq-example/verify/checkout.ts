import { Agent } from 'node:http'
import { send } from '@justanalytics/shop/traffic'

/** What one visitor did who knew what to buy. */
export interface Checkout {
  cart: string
  /** Sent along when paying. */
  traceId: string
}

const PAGE = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
const JSON_BODY = { 'content-type': 'application/json' }
const CARD = '4242 4242 4242 4242'

/** Signs in, opens the checkout with some tea in the cart, and pays. @throws unless every answer is good */
export async function checkOut(origin: string, email: string): Promise<Checkout> {
  const agent = new Agent({ keepAlive: true })
  async function ask(method: string, path: string, headers: Record<string, string>, body?: object) {
    const answer = await send(agent, {
      method,
      url: origin + path,
      headers,
      body: body && JSON.stringify(body),
    })
    if (answer.status !== 200 && answer.status !== 201)
      throw new Error(`${method} ${path} was answered ${answer.status}: ${answer.body}`)
    return answer
  }
  try {
    const { cookie = '' } = await ask('POST', '/api/session', JSON_BODY, { email })
    const post = { ...JSON_BODY, cookie }
    const { id: cart } = JSON.parse((await ask('POST', '/api/carts', post, {})).body) as { id: string }
    await ask('POST', `/api/carts/${cart}/items`, post, { product: 'sencha', quantity: 2 })
    await ask('GET', `/checkout/${cart}`, { ...PAGE, cookie })
    const traceId = crypto.randomUUID().replaceAll('-', '')
    const traceparent = `00-${traceId}-${traceId.slice(0, 16)}-01`
    await ask('POST', `/checkout/${cart}/pay`, { ...post, traceparent }, { card: CARD, email })
    return { cart, traceId }
  } finally {
    agent.destroy()
  }
}
