import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { createAnalytics } from '../src/analytics.js'
import type { AnalyticsOptions } from '../src/options.js'
import type { Stats } from '../src/queue/ledger.js'
import { createRecorder } from '../src/testing.js'
import { expectBalance } from './balance.js'

it.each<[string, AnalyticsOptions, RegExp]>([
  ['key', { siteId: 's' }, /JUSTANALYTICS_API_KEY/],
  ['site id', { apiKey: 'k' }, /JUSTANALYTICS_SITE_ID/],
])(
  'without a %s the client warns once, takes everything and does nothing',
  async (_name, options, warning) => {
    const lines: string[] = []
    const client = createAnalytics({ ...options, logger: { warn: line => void lines.push(line) } })
    expect(client.enabled).toBe(false)
    client.capture('a')
    client.captureException(new Error('b'))
    expect(await client.flush()).toBe(true)
    expect(await client.close()).toBe(true)
    expect(client.stats()).toEqual({
      captured: 0,
      adopted: 0,
      delivered: 0,
      queued: 0,
      inFlight: 0,
      spooled: 0,
      retries: 0,
      dropped: {},
    })
    expect(lines).toEqual([expect.stringMatching(warning)])
  },
)

it('shows the key nowhere', () => {
  const client = createAnalytics({ apiKey: 'top-secret', siteId: 's' })
  expect(inspect(client, { depth: null, showHidden: true }) + JSON.stringify(client)).not.toContain(
    'top-secret',
  )
})

it.each<[string, unknown]>([
  ['nothing', undefined],
  ['a number', 7],
  ['an empty name', '  '],
  ['an object', {}],
])('an event named by %s is still an event', (_name, name) => {
  const client = createRecorder()
  client.capture(name as string, { kept: true })
  expect(client.events).toMatchObject([{ event: 'unnamed', properties: { kept: true } }])
})

it('takes a copy at once: later changes do not show, and nothing is changed', () => {
  const client = createRecorder()
  const properties = Object.freeze({ list: [1, 2], password: 'p' })
  client.capture('a', properties)
  properties.list.push(3)
  expect(client.events[0]?.properties).toMatchObject({ list: [1, 2], password: '[redacted]' })
  expect(properties.password).toBe('p')
})

it('keeps a name of the schema its own, and takes a user where no request knows one', () => {
  const client = createRecorder({ release: 'r1' })
  client.captureException(new TypeError('boom'), {
    path: '/fake',
    exception_type: 'Fake',
    status_code: 'x',
    release: 'fake',
    sdk: 'fake',
    user_id: 42,
    order: 7,
  })
  expect(client.events[0]?.properties).toMatchObject({
    path: null,
    exception_type: 'TypeError',
    release: 'r1',
    user_id: '42',
    order: 7,
    mechanism: 'manual',
  })
  expect(client.events[0]?.properties).not.toHaveProperty('status_code')
  expect(client.events[0]?.properties.sdk).toMatch(/^core\//)
})

it('isolates poison: good events beside a bad value are events', () => {
  const client = createRecorder()
  const hostile: unknown[] = [
    new Proxy(
      {},
      {
        ownKeys() {
          throw new Error('no')
        },
      },
    ),
    {
      get bad() {
        throw new Error('no')
      },
    },
    {
      toJSON() {
        throw new Error('no')
      },
    },
    Object.create(null),
    { big: 1n, symbol: Symbol('s'), fn() {} },
    (() => {
      const cycle: Record<string, unknown> = {}
      cycle.self = cycle
      return cycle
    })(),
    'text',
    7,
    null,
    [1, 2],
  ]
  for (const value of hostile) {
    client.capture('good')
    client.capture('hostile', value as Record<string, unknown>)
    client.captureException(value, value as Record<string, unknown>)
  }
  expect(client.events).toHaveLength(hostile.length * 3)
})

it('an event of the schema made by hand keeps what is of the right kind', () => {
  const lines: string[] = []
  const client = createRecorder({ logger: { warn: line => void lines.push(line) } })
  client.capture('pageview', { path: '/made', status_code: 'abc', duration_ms: 5, plan: 'pro' })
  expect(client.events[0]?.properties).toMatchObject({ path: '/made', duration_ms: 5, plan: 'pro' })
  expect(client.events[0]?.properties).not.toHaveProperty('status_code')
  expect(lines).toEqual([expect.stringContaining('properties.status_code')])
})

it('balances at every moment, also for code of the application that runs while an event is made', () => {
  const seen: Stats[] = []
  const look = (): void => void seen.push(client.stats())
  const client = createRecorder({
    beforeSend(event) {
      look()
      return event
    },
    onDrop: look,
    sampleRate: 0,
  })
  client.capture('a', {
    get late() {
      look()
      return 1
    },
  })
  client.captureException(new Error('b'))
  expect(seen.length).toBeGreaterThanOrEqual(3)
  seen.forEach(expectBalance)
})

it('callbacks that reject are nobody’s unhandled rejection', async () => {
  const reject = (): Promise<never> => Promise.reject(new Error('late'))
  const rejections: unknown[] = []
  const note = (reason: unknown): void => void rejections.push(reason)
  process.on('unhandledRejection', note)
  const client = createRecorder({ beforeSend: reject as never, onDrop: reject, logger: { warn: reject } })
  client.capture('a')
  await new Promise(resolve => setImmediate(resolve))
  process.off('unhandledRejection', note)
  expect(rejections).toEqual([])
  expect(client.stats()).toMatchObject({ captured: 1, dropped: { before_send: 1 } })
})
