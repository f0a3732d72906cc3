import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RequestReader } from '../src/capture/http.js'
import type { RequestRecord } from '../src/capture/request.js'
import type { TaskRecord } from '../src/capture/task-record.js'
import type { Analytics } from '../src/client.js'
import { parseEvents } from '../src/event/parse.js'
import type { AdapterOptions, AnalyticsOptions } from '../src/options.js'
import { Endpoint } from './endpoint.js'

// Time and ids stand still, so that the exact request can be a snapshot.

const NOW = Date.parse('2026-11-22T03:02:11.482Z')

let endpoint: Endpoint
let open: Analytics[]
let createAnalytics: typeof import('../src/analytics.js').createAnalytics
let createHttpCapture: typeof import('../src/capture/http.js').createHttpCapture
let createTaskCapture: typeof import('../src/capture/task.js').createTaskCapture

beforeEach(async () => {
  // Ids count on within a process: a fresh one for each test.
  vi.resetModules()
  ;({ createAnalytics } = await import('../src/analytics.js'))
  ;({ createHttpCapture } = await import('../src/capture/http.js'))
  ;({ createTaskCapture } = await import('../src/capture/task.js'))
  endpoint = await Endpoint.open()
  open = []
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: NOW })
  vi.spyOn(crypto, 'getRandomValues').mockImplementation(
    array => array && new Uint8Array(array.buffer).fill(7) && array,
  )
})

afterEach(async () => {
  for (const client of open) await client.close()
  vi.restoreAllMocks()
  vi.useRealTimers()
  await endpoint[Symbol.asyncDispose]()
})

function client(options: AnalyticsOptions = {}): Analytics {
  const made = createAnalytics({
    apiKey: 'key_1',
    siteId: 'site_1',
    endpoint: endpoint.url,
    release: '4f2c1',
    environment: 'production',
    service: 'shop',
    compress: false,
    ...options,
  })
  open.push(made)
  return made
}

interface Plain {
  readonly method: string
  readonly url: string
  readonly route?: string
  readonly headers: Readonly<Record<string, string>>
}

const reader: RequestReader<Plain> = {
  sdk: 'fastify',
  identity: request => request,
  method: ({ method }) => method,
  url: ({ url }) => url,
  headers: ({ headers }) => headers,
  address: () => '203.0.113.9',
  route: ({ route }) => route,
}

function begin(request: Plain, options: AdapterOptions<Plain> = {}): RequestRecord {
  return createHttpCapture(reader, { client: client(), ...options }).begin(request)
}

/** What the endpoint received: the request but for its host, and the events without what no two machines share. */
async function wire(): Promise<object> {
  for (const one of open) await one.flush()
  const [received] = endpoint.received
  const { host, 'content-length': _length, connection: _connection, ...headers } = received?.headers ?? {}
  expect(host).toMatch(/^127\.0\.0\.1:\d+$/)
  for (const { properties } of endpoint.events) {
    expect(properties.host).toBeTypeOf('string')
    delete properties.host
    if (properties.sdk) properties.sdk = String(properties.sdk).replace(/\/.*/, '/<version>')
  }
  headers['user-agent'] = headers['user-agent']?.replace(/\/.*/, '/<version>')
  return { request: `${received?.method} ${received?.url}`, headers, body: received?.body }
}

function thrown(): Error {
  const error = new TypeError("Cannot read properties of undefined (reading 'id')", { cause: cause() })
  error.stack = [
    "TypeError: Cannot read properties of undefined (reading 'id')",
    '    at computeTotal (/app/src/cart.ts:41:23)',
    '    at pay (/app/src/checkout.ts:12:9)',
    '    at handle (/app/node_modules/fastify/lib/route.js:1:1)',
  ].join('\n')
  return error
}

function cause(): Error {
  const error = new Error('connect ECONNREFUSED 127.0.0.1:5432')
  error.stack =
    'Error: connect ECONNREFUSED 127.0.0.1:5432\n    at TCPConnectWrap.afterConnect (node:net:1:1)'
  return error
}

/** The third and last attempt at a job that a request of the release before enqueued. */
function beginTask(): TaskRecord {
  return createTaskCapture('bullmq', { client: client() }).begin({
    name: 'email.receipt',
    id: '17',
    queue: 'mails',
    attempt: 3,
    maxAttempts: 3,
    begun: NOW,
    thread: {
      request_id: '01a20134-4120-770a-8707-070707070707',
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      user_id: 'u_1',
      visitor_id: '4044b48dcee5724f7910f17f1c128c3c',
      release: '3e1b0',
    },
  })
}

const page: Plain = {
  method: 'GET',
  url: '/products/42?utm_source=news&q=red+shoes',
  route: '/products/:id',
  headers: {
    accept: 'text/html,*/*',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
    referer: 'https://search.example/?q=shoes#top',
    'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  },
}

const api: Plain = {
  method: 'POST',
  url: '/api/carts/7/items?color=red&color=blue&access_token=abc',
  route: '/api/carts/:cart/items',
  headers: { 'user-agent': 'shop-app/3' },
}

describe('on the wire', () => {
  it('a pageview', async () => {
    const record = begin(page, { user: () => 42 })
    vi.advanceTimersByTime(3)
    record.end(200, 'ok')
    expect(await wire()).toMatchSnapshot()
  })

  it('an api_request', async () => {
    const record = begin(api, { api: '/api/*' })
    record.setUser('u_1')
    vi.advanceTimersByTime(12)
    record.end(201, 'ok')
    expect(await wire()).toMatchSnapshot()
  })

  it('an exception with the request it failed', async () => {
    const record = begin(api, { api: '/api/*' })
    vi.advanceTimersByTime(5)
    record.fail(thrown())
    vi.advanceTimersByTime(1)
    record.end(500, 'ok')
    expect(await wire()).toMatchSnapshot()
  })

  it('a request that the client left', async () => {
    begin(page, { visitor: false }).end(null, 'client_abort')
    expect(await wire()).toMatchSnapshot()
  })

  it('an exception captured by hand', async () => {
    client().captureException(thrown(), { order: 7, exception_type: 'mine', sdk: 'mine' })
    expect(await wire()).toMatchSnapshot()
  })

  it('a custom event of a request', async () => {
    const record = begin(page)
    record.setUser('u_1')
    record.capture('order_paid', { total: 12.5, card: '4111', items: [{ id: 1 }], release: 'mine' })
    expect(await wire()).toMatchSnapshot()
  })

  it('a task_completed', async () => {
    beginTask().complete(125.5)
    expect(await wire()).toMatchSnapshot()
  })

  it('a task_failed', async () => {
    beginTask().fail(thrown(), 125.5, 'exhausted')
    expect(await wire()).toMatchSnapshot()
  })

  it('a client_report', async () => {
    const lossy = client({ maxQueueSize: 1, flushAt: 500, flushInterval: 60_000 })
    lossy.capture('lost')
    lossy.capture('kept')
    expect(await wire()).toMatchSnapshot()
  })

  it('is what the collector reads back without a change', async () => {
    const record = begin(api, { api: '/api/*', user: () => 'u_1' })
    record.capture('order_paid', { total: 12.5 })
    record.fail(thrown())
    record.end(500, 'ok')
    for (const one of open) await one.flush()
    const { events, rejected } = parseEvents(endpoint.events)
    expect(rejected).toEqual([])
    expect(events.map(({ event }) => event)).toEqual(endpoint.events)
  })
})
