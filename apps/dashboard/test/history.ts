import { bad, event, failedJob, HOUR, hostile, type Made, MINUTE, outage, paymentFailure } from './events.js'

const USERS = 60
export const OLDEST = 'api@2026.11.14-2'
export const OLD = 'api@2026.11.21-3'
export const NEW = 'api@2026.11.22-1'
/** How long before now things happened. */
export const DEPLOYED = 13 * MINUTE
const BEFORE = 47 * MINUTE
/** For so long both releases served. */
const OVERLAP = 4 * MINUTE

/** The same numbers for the same seed, from 0 to 1. */
function randomly(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296
    return state / 4_294_967_296
  }
}

const BROWSERS = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Safari/605.1.15',
  'Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0',
]
const BOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'
const COUNTRIES = ['DE', 'DE', 'FR', undefined]
const REFERRERS = [null, null, 'https://www.google.com/', 'https://news.example/']

interface Step {
  at: number
  release: string
  random(): number
}

function pick<T>(list: readonly T[], random: () => number): T {
  return list[Math.floor(random() * list.length)] as T
}

function page(step: Step, route: string, path: string): Made {
  const { random } = step
  const visitor = Math.floor(random() * USERS)
  const isBot = random() < 0.05
  return event('pageview', step.at, {
    path,
    route,
    method: 'GET',
    status_code: random() < 0.03 ? 404 : 200,
    duration_ms: Math.round(400 + random() * 3000) / 100,
    user_id: visitor % 3 === 0 ? `u_${visitor}` : null,
    visitor_id: `v${visitor}`,
    navigation: !isBot,
    outcome: 'ok',
    referrer: pick(REFERRERS, random),
    user_agent: isBot ? BOT : pick(BROWSERS, () => visitor / USERS),
    country: pick(COUNTRIES, () => visitor / USERS),
    request_id: event.id(),
    release: step.release,
    environment: 'production',
    service: 'web',
  })
}

function call(step: Step, method: string, route: string, path: string, failed: boolean): Made {
  const { random } = step
  const user = Math.floor(random() * USERS)
  return event('api_request', step.at, {
    viewset: route,
    action: method === 'GET' ? 'list' : 'create',
    method,
    path,
    route,
    status_code: failed ? 500 : 200,
    duration_ms: Math.round(800 + random() * (failed ? 2000 : 6000)) / 100,
    query_params: {},
    user_id: `u_${user}`,
    visitor_id: `v${user}`,
    outcome: 'ok',
    request_id: event.id(),
    release: step.release,
    environment: 'production',
    service: 'api',
    host: 'web-3',
    sdk: 'fastify/0.1.0',
  })
}

/** A paying request with its error and its job, as far as it has them. */
function payment(step: Step): Made[] {
  const { at, release, random } = step
  const failed = random() < (release === NEW ? 0.42 : 0.002)
  const request = call(step, 'POST', '/checkout/:cart/pay', `/checkout/${event.id().slice(-4)}/pay`, failed)
  const made = [request]
  // The old release's rare 500s are answers, written without a throw.
  if (failed && release === NEW) made.push(paymentFailure(at + 9, request.properties))
  const job = { request_id: request.properties.request_id, user_id: request.properties.user_id, release }
  if (release === NEW && random() < 0.9) made.push(...failedJob(at + 400, job))
  else
    made.push(
      event('task_completed', at + 300, {
        ...job,
        task_name: 'email.receipt',
        task_id: event.id().slice(-8),
        queue: 'mail',
        state: 'completed',
        duration_ms: Math.round(2000 + random() * 4000) / 100,
        wait_ms: 12,
        attempt: 1,
        max_attempts: 3,
        environment: 'production',
      }),
    )
  return made
}

function minute(at: number, now: number, busy: number, seed: number): Made[] {
  const random = randomly(seed)
  const made: Made[] = []
  for (let index = 0; index < busy; index++) {
    const moment = at + random() * MINUTE
    if (moment > now - 500) continue
    const since = moment - (now - DEPLOYED)
    const isNew = since > 0 && (since > OVERLAP || random() < 0.5)
    const before = moment < now - BEFORE ? OLDEST : OLD
    const step: Step = { at: moment, release: isNew ? NEW : before, random }
    const dice = random()
    if (dice < 0.24) made.push(page(step, '/products/:id', `/products/${Math.floor(random() * 90)}`))
    else if (dice < 0.34) made.push(page(step, '/', '/'))
    else if (dice < 0.46) made.push(page(step, '/checkout', '/checkout'))
    else if (dice < 0.72) made.push(call(step, 'GET', '/api/orders', '/api/orders', random() < 0.003))
    else made.push(...payment(step))
  }
  return made
}

function hours(from: number, to: number, now: number, busy: number): Made[] {
  const made: Made[] = []
  for (let at = from; at < to; at += MINUTE) made.push(...minute(at, now, busy, Math.floor(at / MINUTE)))
  return made
}

/** A shop whose paying broke with a release thirteen minutes ago; what its usual is, a day and a week ago. */
export function shopHistory(now: number): Made[] {
  const quiet = (days: number) => hours(now - days * 24 * HOUR - 62 * MINUTE, now - days * 24 * HOUR, now, 24)
  return [
    ...quiet(7),
    ...quiet(1),
    ...hours(now - 75 * MINUTE, now, now, 44),
    outage(now - 42 * MINUTE),
    ...hostile(now - 3 * MINUTE),
    ...bad(now - 2 * MINUTE),
  ]
}

/** The marks of its two deploys, as a pipeline announces them. */
export function shopReleases(now: number): { release: string; environment: string; at: string }[] {
  return [
    { release: OLD, environment: 'production', at: new Date(now - BEFORE).toISOString() },
    { release: NEW, environment: 'production', at: new Date(now - DEPLOYED).toISOString() },
  ]
}
