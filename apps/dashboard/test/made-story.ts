import type { Story } from './made-collector.js'

const MINUTE = 60_000

let made = 0

function event(name: string, at: number, properties: Record<string, unknown>) {
  return {
    site_id: 'site_shop',
    event: name,
    event_id: `019ab000-0000-7000-8000-${String(++made).padStart(12, '0')}`,
    timestamp: new Date(at).toISOString(),
    properties,
  }
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

/** A failure of the shop's paying route. */
export function paymentFailure(at: number, user: string): ReturnType<typeof event> {
  return event('exception', at, {
    path: '/checkout/8f3a/pay',
    route: '/checkout/:cart/pay',
    method: 'POST',
    exception_type: 'TypeError',
    exception_message: "Cannot read properties of undefined (reading 'id')",
    traceback: STACK,
    duration_ms: 12.41,
    status_code: 500,
    user_id: user,
    request_id: '019ab3c1-77aa-7000-8000-5f1c2e9d0001',
    mechanism: 'request',
    handled: true,
    release: 'api@2026.11.22-1',
    environment: 'production',
    service: 'api',
    host: 'web-3',
    sdk: 'fastify/0.1.0',
    plan: 'team',
  })
}

function outage(at: number) {
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

/** Everything in it tries to be more than text. */
function hostile(at: number) {
  const long = 'A'.repeat(10_000)
  return event('exception', at, {
    path: '/<script>alert(1)</script>',
    method: 'GET',
    exception_type: long,
    exception_message: '<img src=x onerror="window.owned = true"> \u202Etxt.exe\u202C',
    traceback: `<svg onload="window.owned = true">\n    at ${long} (javascript:alert(1):1:1)`,
    duration_ms: null,
    user_id: '"><b>admin</b>',
    release: `\u202E${'r'.repeat(500)}`,
    mechanism: 'manual',
    handled: true,
    environment: 'production',
    causes: ['no object', null],
    '<h1>name</h1>': { nested: ['<i>'] },
  })
}

function failedJob(at: number) {
  return event('task_failed', at, {
    task_name: 'email.receipt',
    task_id: '90412',
    queue: 'mail',
    exception_type: 'TemplateError',
    exception_message: 'total is undefined',
    traceback: 'TemplateError: total is undefined\n    at render (/srv/shop/src/mail/receipt.ts:17:9)',
    duration_ms: 41.7,
    attempt: 3,
    max_attempts: 3,
    final: true,
    reason: 'exhausted',
    release: 'api@2026.11.22-1',
    environment: 'production',
  })
}

/** A shop whose paying broke with a release thirteen minutes ago. */
export function madeStory(now: number): Story {
  const users = ['u_1042', 'u_77', 'u_3190', 'u_8']
  return {
    traffic: 180,
    deployedAt: now - 13 * MINUTE,
    exceptions: [
      ...users.map((user, index) => paymentFailure(now - 4000 - index * 17_000, user)),
      hostile(now - 3 * MINUTE),
      outage(now - 42 * MINUTE),
    ],
    taskFailures: [failedJob(now - 50_000)],
    complete: true,
    dropped: 0,
    events: 21_412,
  }
}
