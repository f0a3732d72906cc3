import { CATEGORIES, PRODUCTS } from '../catalogue.js'
import { CARDS } from '../payments.js'
import { pick, type Random, weighted, whole } from './random.js'
import type { RouteName } from './routes.js'
import { bot, person, type Visitor } from './visitors.js'

/** One request that a visitor is going to make. */
export interface Step {
  /** The shop's address, or a path that the shop does not have. */
  to: RouteName | `/${string}`
  /** What fills the pattern; the cart's id is known only on the way. */
  params?: Record<string, string>
  /** With its question mark. */
  query?: string
  body?: Record<string, unknown>
  /** What a good release answers. */
  status: number
  /** The browser asks ahead of the visitor. */
  prefetch?: true
  /** The visitor is gone before the answer begins, or in the middle of it. */
  leaves?: 'unanswered' | 'half-way'
}

/** One visit: who comes, and what they ask for in this order. */
export interface Visit {
  visitor: Visitor
  steps: Step[]
}

const HOME: Step = { to: 'home', status: 200 }
const CART: Step = { to: 'cart', status: 200 }

const VISITS: readonly { weight: number; steps(random: Random): Step[] }[] = [
  { weight: 38, steps: browse },
  { weight: 42, steps: buy },
  { weight: 8, steps: search },
  { weight: 4, steps: loseOneself },
  { weight: 4, steps: exportAndLeave },
]
const PAYMENTS = [
  { weight: 940, card: 'good', status: 200 },
  { weight: 55, card: 'declined', status: 402 },
  { weight: 5, card: 'timesOut', status: 502 },
] as const
const BOTS_SHARE = 0.05

/** The next visit; the same numbers give the same visit. */
export function planVisit(random: Random): Visit {
  if (random() < BOTS_SHARE) return { visitor: bot(random), steps: crawl(random) }
  const visitor = person(random)
  const steps = weighted(random, VISITS).steps(random)
  for (const step of steps)
    if (step.to === 'pay' && visitor.email) step.body = { ...step.body, email: visitor.email }
  return { visitor, steps: visitor.email ? [signIn(visitor.email), ...steps] : steps }
}

function browse(random: Random): Step[] {
  const category = pick(random, CATEGORIES).slug
  const steps: Step[] = [
    random() < 0.3 ? { ...HOME, query: `?utm_source=newsletter&utm_campaign=autumn` } : HOME,
    { to: 'category', params: { category }, status: 200 },
    { to: 'products', query: `?category=${category}`, status: 200 },
  ]
  const ofCategory = PRODUCTS.filter(product => product.category === category)
  for (let left = whole(random, 1, 3); left > 0; left--) {
    const product = pick(random, ofCategory).slug
    if (random() < 0.3) steps.push({ to: 'product', params: { product }, status: 200, prefetch: true })
    steps.push({ to: 'product', params: { product }, status: 200 })
  }
  return steps
}

function buy(random: Random): Step[] {
  const steps: Step[] = [HOME]
  const chosen = new Set(Array.from({ length: whole(random, 1, 2) }, () => pick(random, PRODUCTS).slug))
  for (const product of chosen) steps.push({ to: 'product', params: { product }, status: 200 })
  steps.push({ to: 'createCart', body: {}, status: 201 })
  for (const product of chosen)
    steps.push({ to: 'addToCart', body: { product, quantity: whole(random, 1, 2) }, status: 201 })
  steps.push(CART)
  if (random() < 0.1 && chosen.size > 1) {
    const product = [...chosen][0] as string
    steps.push({ to: 'removeFromCart', params: { product }, status: 200 })
  }
  steps.push({ to: 'checkout', status: 200 })
  if (random() < 0.15) {
    const patient = random() < 0.6
    steps.push({ to: 'delivery', status: 200, ...(patient ? {} : { leaves: 'unanswered' }) })
    if (!patient) return steps
  }
  const { card, status } = weighted(random, PAYMENTS)
  steps.push({ to: 'pay', body: { card: CARDS[card], email: 'guest@example.com' }, status })
  return steps
}

/** A lone bracket is a 500 on every release: the shop's oldest fault. */
function search(random: Random): Step[] {
  const broken = random() < 0.12
  const q = broken ? '(200 g' : pick(random, ['tea', 'pan', 'bread', 'espresso', 'card'])
  return [HOME, { to: 'products', query: `?q=${encodeURIComponent(q)}`, status: broken ? 500 : 200 }]
}

function loseOneself(random: Random): Step[] {
  const product = pick(random, ['blue-teapot', 'moka-pot', 'advent-box'])
  return [{ to: 'product', params: { product }, status: 404 }, HOME]
}

function exportAndLeave(random: Random): Step[] {
  const leaves: Partial<Step> = random() < 0.5 ? { leaves: 'half-way' } : {}
  return [
    { to: 'account', status: 200 },
    { to: 'exportOrders', status: 200, ...leaves },
  ]
}

function crawl(random: Random): Step[] {
  const product = pick(random, PRODUCTS).slug
  return [
    { to: '/robots.txt', status: 404 },
    { to: 'product', params: { product }, status: 200 },
    random() < 0.5 ? { to: '/wp-login.php', status: 404 } : HOME,
  ]
}

function signIn(email: string): Step {
  return { to: 'signIn', body: { email }, status: 201 }
}
