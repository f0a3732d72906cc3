export const MINUTE = 60_000
export const HOUR: number = 60 * MINUTE
/** Whose history is made once and only read. */
export const SHOP = 'site_shop'
/** Where stories store what is theirs: sites cannot see one another. */
export const WORKSHOP = 'site_workshop'

type Properties = Record<string, unknown>

export interface Made {
  site_id: string
  event: string
  event_id: string
  timestamp: string
  properties: Properties
}

let made = 0

function id(): string {
  return `019ab000-0000-7000-8000-${(++made).toString(16).padStart(12, '0')}`
}

/** An event as a client sends it. */
export function event(name: string, at: number, properties: Properties): Made {
  return {
    site_id: SHOP,
    event: name,
    event_id: id(),
    timestamp: new Date(at).toISOString(),
    properties,
  }
}
event.id = id

export function inWorkshop(events: readonly Made[]): Made[] {
  return events.map(each => ({ ...each, site_id: WORKSHOP }))
}

const STACK = `TypeError: Cannot read properties of undefined (reading 'id')
    at computeTotal (/srv/shop/src/cart.ts:41:27)
    at Object.pay (/srv/shop/src/routes/checkout.ts:88:19)
    at preHandlerCallback (/srv/shop/node_modules/fastify/lib/handleRequest.js:137:37)
    at next (/srv/shop/node_modules/fastify/lib/hooks.js:233:9)
    at handleResolve (/srv/shop/node_modules/@fastify/cookie/plugin.js:18:5)
    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)
    at async Server.<anonymous> (/srv/shop/src/server.ts:23:3)`

const CAUSE = `Error: connect ECONNREFUSED 10.0.4.12:5432
    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1637:16)
    at connect (/srv/shop/src/database.ts:12:9)`

/** A failure of the shop's paying route, of a request with these properties. */
export function paymentFailure(at: number, request: Properties = {}): Made {
  return event('exception', at, {
    path: '/checkout/8f3a/pay',
    exception_type: 'TypeError',
    exception_message: "Cannot read properties of undefined (reading 'id')",
    traceback: STACK,
    duration_ms: 12.41,
    status_code: 500,
    user_id: 'u_1042',
    request_id: '019ab3c1-77aa-7000-8000-5f1c2e9d0001',
    release: 'api@2026.11.22-1',
    environment: 'production',
    service: 'api',
    host: 'web-3',
    sdk: 'fastify/0.1.0',
    ...Object.fromEntries(
      ['path', 'user_id', 'visitor_id', 'request_id', 'release'].flatMap(name =>
        request[name] ? [[name, request[name]]] : [],
      ),
    ),
    method: 'POST',
    route: '/checkout/:cart/pay',
    mechanism: 'request',
    handled: true,
    plan: 'team',
  })
}

/** One with a cause, of the release before. */
export function outage(at: number): Made {
  return event('exception', at, {
    path: '/api/orders',
    route: '/api/orders',
    method: 'GET',
    exception_type: 'DatabaseError',
    exception_message: 'the connection pool gave up after 5000 ms',
    traceback:
      'DatabaseError: the connection pool gave up after 5000 ms\n    at query (/srv/shop/src/database.ts:31:11)',
    duration_ms: 5003.2,
    causes: [
      {
        exception_type: 'Error',
        exception_message: 'connect ECONNREFUSED 10.0.4.12:5432',
        traceback: CAUSE,
      },
    ],
    code: 'ECONNREFUSED',
    syscall: 'connect',
    mechanism: 'request',
    handled: true,
    release: 'api@2026.11.21-3',
    environment: 'production',
  })
}

export const HOSTILE_REQUEST = '019ab3c1-77aa-7000-8000-5f1c2e9dbad0'

/** Everything in them tries to be more than text. */
export function hostile(at: number): Made[] {
  const long = 'A'.repeat(1000)
  const request = {
    path: '/<script>alert(1)</script>',
    route: '/<img src=x onerror="window.owned=true">',
    method: 'GET',
    user_id: '"><b>admin</b>',
    request_id: HOSTILE_REQUEST,
    release: `\u202E${'r'.repeat(500)}`,
    environment: 'production',
  }
  return [
    event('pageview', at, {
      ...request,
      status_code: 500,
      duration_ms: 1,
      referrer: 'javascript:alert(1)',
      user_agent: '<svg onload="window.owned=true">',
      outcome: 'ok',
      navigation: true,
    }),
    event('exception', at + 1, {
      ...request,
      exception_type: 'A'.repeat(300),
      exception_message: '<img src=x onerror="window.owned = true"> \u202Etxt.exe\u202C',
      traceback: `<svg onload="window.owned = true">\n    at ${long} (javascript:alert(1):1:1)`,
      duration_ms: null,
      mechanism: 'request',
      handled: true,
      '<h1>name</h1>': { nested: ['<i>'] },
    }),
  ]
}

/** An exception that names no request, and a custom event that names one. */
export function bad(at: number): Made[] {
  return [
    event('exception', at, {
      path: null,
      method: null,
      exception_type: 'RangeError',
      exception_message: 'Invalid time value',
      traceback: 'RangeError: Invalid time value\n    at nightly (/srv/shop/src/report.ts:4:11)',
      duration_ms: null,
      mechanism: 'manual',
      handled: true,
      environment: 'production',
    }),
    event('coupon_used', at, { request_id: HOSTILE_REQUEST, coupon: '</script><script>alert(2)</script>' }),
  ]
}

/** A job that failed three times, and then for good. */
export function failedJob(at: number, more: Properties): Made[] {
  const task_id = id().slice(-8)
  return [1, 2, 3].map(attempt =>
    event('task_failed', at + attempt * 1000, {
      task_name: 'email.receipt',
      task_id,
      queue: 'mail',
      exception_type: 'TemplateError',
      exception_message: 'total is undefined',
      traceback: 'TemplateError: total is undefined\n    at render (/srv/shop/src/mail/receipt.ts:17:9)',
      duration_ms: 41.7,
      attempt,
      max_attempts: 3,
      final: attempt === 3,
      reason: attempt === 3 ? 'exhausted' : 'error',
      environment: 'production',
      ...more,
    }),
  )
}
