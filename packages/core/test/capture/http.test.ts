import { afterEach, describe, expect, it, vi } from 'vitest'
import { createHttpCapture, type HttpCapture, type RequestReader } from '../../src/capture/http.js'
import type { RouteControl } from '../../src/capture/request.js'
import type { EventProperties, Outcome } from '../../src/event/schema.js'
import type { AdapterOptions } from '../../src/options.js'
import { createRecorder, type Recorder } from '../../src/testing.js'

// What the record decides. Where each framework shows its facts is the conformance suite's to prove.

interface Plain {
  readonly method: string
  readonly url: string
  readonly route?: string
  readonly control?: RouteControl
  readonly headers?: Record<string, string>
  readonly address?: string
}

const reader: RequestReader<Plain> = {
  sdk: 'plain',
  identity: request => request,
  method: ({ method }) => method,
  url: ({ url }) => url,
  headers: ({ headers }) => headers ?? {},
  address: ({ address }) => address ?? '203.0.113.9',
  route: ({ route }) => route,
  control: ({ control }) => control,
}

function setUp(options: AdapterOptions<Plain> = {}): {
  http: HttpCapture<Plain>
  client: Recorder
  lines: string[]
} {
  const lines: string[] = []
  const client = createRecorder({ logger: { warn: line => void lines.push(line) } })
  return { http: createHttpCapture(reader, { client, ...options }), client, lines }
}

const get: Plain = { method: 'GET', url: '/things?q=1' }

function exceptions(client: Recorder): EventProperties[] {
  return client.named('exception').map(({ properties }) => properties)
}

const upstream = Object.assign(new Error('upstream'), { status: 404, response: {}, config: {} })
const notFound = Object.assign(new Error('no such thing'), { status: 404 })
const gone = Object.assign(new Error('aborted'), { code: 'ECONNRESET' })

describe('an exception is reported', () => {
  it.each<[string, unknown[], number | null, Outcome, string[]]>([
    ['for a 500 with an error', [new Error('a')], 500, 'ok', ['a']],
    ['not for a 500 without one', [], 500, 'ok', []],
    ['not for an error that became a 404', [notFound], 404, 'ok', []],
    ['not for an error that was answered with 200', [new Error('a')], 200, 'ok', []],
    ['for an error of our own that became a 503', [notFound], 503, 'ok', ['no such thing']],
    ['for a 4xx that a client’s error lent', [upstream], 404, 'ok', ['upstream']],
    ['not for a client’s error that was made another status', [upstream], 418, 'ok', []],
    ['for an error with no response at all', [new Error('a')], null, 'client_abort', ['a']],
    ['for a non-error', ['text'], 500, 'ok', ['text']],
    ['for null', [null], null, 'client_abort', ['null']],
    ['for a body that broke, where the error was seen', [new Error('a')], 200, 'stream_error', ['a']],
    ['not where it was not', [], 200, 'stream_error', []],
    ['not for what only says that the client has left', [gone], null, 'client_abort', []],
    ['once for an error shown twice', [notFound, notFound], 500, 'ok', ['no such thing']],
    [
      'once for an error handler that throws, as its error',
      [new Error('a'), new Error('b')],
      500,
      'ok',
      ['b'],
    ],
  ])('%s', (_name, errors, status, outcome, messages) => {
    const { http, client } = setUp()
    const record = http.begin(get)
    for (const error of errors) record.fail(error)
    record.end(status, outcome)
    expect(exceptions(client).map(({ exception_message }) => exception_message)).toEqual(messages)
    expect(client.named('pageview')).toHaveLength(1)
  })

  it('with the errors before it among its causes', () => {
    const { http, client } = setUp()
    const record = http.begin(get)
    record.fail(new Error('first'))
    record.fail(new Error('second', { cause: new Error('cause') }))
    record.end(500, 'ok')
    expect(exceptions(client)[0]?.causes).toMatchObject([
      { exception_message: 'cause' },
      { exception_message: 'first' },
    ])
  })

  it('tied to its request, with borrowed_status where it is', () => {
    const { http, client } = setUp()
    const record = http.begin({ ...get, route: '/things' })
    record.fail(upstream)
    record.end(404, 'ok')
    expect(exceptions(client)).toMatchObject([
      { mechanism: 'request', handled: true, status_code: 404, borrowed_status: true, route: '/things' },
    ])
    expect(exceptions(client)[0]?.request_id).toBe(client.named('pageview')[0]?.properties.request_id)
  })

  it('once where it was captured by hand and then thrown', () => {
    const { http, client } = setUp()
    const record = http.begin(get)
    const error = new Error('known')
    record.captureException(error)
    record.fail(error)
    record.end(500, 'ok')
    expect(exceptions(client)).toMatchObject([{ mechanism: 'manual' }])
  })

  it('unless shouldCapture says no; a shouldCapture that throws counts as unset', () => {
    for (const [shouldCapture, count] of [
      [() => false, 0],
      [
        () => {
          throw new Error('broken')
        },
        1,
      ],
    ] as const) {
      const { http, client, lines } = setUp({ shouldCapture })
      const record = http.begin(get)
      record.fail(new Error('a'))
      record.end(500, 'ok')
      expect(exceptions(client)).toHaveLength(count)
      expect(lines).toHaveLength(count)
    }
  })
})

describe('a request', () => {
  it('ends once', () => {
    const { http, client } = setUp()
    const record = http.begin(get)
    record.end(200, 'ok')
    record.fail(new Error('late'))
    record.end(500, 'stream_error')
    expect(client.events).toHaveLength(1)
    expect(client.events[0]?.properties).toMatchObject({ status_code: 200, outcome: 'ok' })
  })

  it('is shared by two adapters: the first one ends it, the second one may know the route', () => {
    const { http, client } = setUp()
    const inner = createHttpCapture({ ...reader, sdk: 'inner', route: () => '/inner/:id' }, { client })
    const request = { ...get }
    const record = http.join(request) ?? http.begin(request)
    expect(inner.join(request)).toBe(record)
    record.end(200, 'ok')
    expect(client.events).toHaveLength(1)
    expect(client.events[0]?.properties.route).toBe('/inner/:id')
  })

  it('belongs to whom setUser says, else to whom the option says at the end', () => {
    const { http, client } = setUp({ user: () => 7 })
    const requests = [0, 1, 2].map(() => http.begin({ ...get }))
    requests[1]?.setUser('seven')
    requests[2]?.setUser(null)
    for (const record of requests) record.end(200, 'ok')
    expect(client.events.map(({ properties }) => properties.user_id)).toEqual(['7', 'seven', null])
  })

  it.each<[string, AdapterOptions<Plain>]>([
    ['user', { user: () => Promise.resolve('late') as never }],
    ['user', { user: () => Promise.reject(new Error('late')) as never }],
    ['ignore', { ignore: () => Promise.resolve(true) as never }],
    ['api', { api: () => Promise.resolve(true) as never }],
    [
      'user',
      {
        user() {
          throw new Error('broken')
        },
      },
    ],
    [
      'ignore',
      {
        ignore() {
          throw new Error('broken')
        },
      },
    ],
    [
      'api',
      {
        api() {
          throw new Error('broken')
        },
      },
    ],
    [
      'visitor',
      {
        visitor() {
          throw new Error('broken')
        },
      },
    ],
  ])('counts a `%s` that fails as unset, with a warning', (_name, options) => {
    const { http, client, lines } = setUp(options)
    http.begin(get).end(200, 'ok')
    expect(client.named('pageview')).toHaveLength(1)
    expect(client.events[0]?.properties).toMatchObject({ user_id: null })
    expect(lines).toHaveLength(1)
  })

  it('is left out by `ignore` and by its route, its custom events are not', () => {
    for (const [options, control] of [
      [{ ignore: '/things' }, undefined],
      [{}, false],
    ] as const) {
      const { http, client } = setUp(options)
      const record = http.begin(control === undefined ? get : { ...get, control })
      record.capture('seen')
      record.fail(new Error('a'))
      record.end(500, 'ok')
      expect(client.events.map(({ event }) => event)).toEqual(['seen'])
    }
  })

  it('is sampled when healthy, and a kept one says how many it stands for', () => {
    const client = createRecorder({ sampleRate: 0.5 })
    const http = createHttpCapture(reader, { client })
    for (let i = 0; i < 400; i++) http.begin({ ...get }).end(200, 'ok')
    const kept = client.events.length
    expect(kept).toBeGreaterThan(100)
    expect(kept).toBeLessThan(300)
    expect(client.events.every(({ properties }) => properties.weight === 2)).toBe(true)
    expect(client.stats()).toMatchObject({ captured: 400, dropped: { sampled: 400 - kept } })
    client.clear()
    for (let i = 0; i < 50; i++) http.begin({ ...get }).end(500, 'ok')
    expect(client.events).toHaveLength(50)
    expect(client.events[0]?.properties).not.toHaveProperty('weight')
  })

  describe('a visitor', () => {
    afterEach(() => vi.useRealTimers())

    const visitors = (...requests: Partial<Plain>[]): unknown[] => {
      const { http, client } = setUp()
      for (const request of requests) http.begin({ ...get, ...request }).end(200, 'ok')
      return client.events.map(({ properties }) => properties.visitor_id)
    }
    const [firefox, safari] = [
      { headers: { 'user-agent': 'firefox' } },
      { headers: { 'user-agent': 'safari' } },
    ]

    it('is the same on every instance', () => {
      const [visitor] = visitors(firefox)
      expect(visitor).toMatch(/^[0-9a-f]{32}$/)
      expect(visitors(firefox)).toEqual([visitor])
    })

    it('is a browser at an address, whoever comes from there in between', () => {
      const elsewhere = { ...firefox, address: '203.0.113.10' }
      const [a, b, c, ...again] = visitors(firefox, safari, elsewhere, safari, firefox, safari, elsewhere)
      expect(new Set([a, b, c]).size).toBe(3)
      expect(again).toEqual([b, a, b, c])
    })

    it('is another one next day', () => {
      vi.useFakeTimers({ now: Date.UTC(2026, 10, 24, 23, 59), toFake: ['Date'] })
      const { http, client } = setUp()
      for (const minutes of [0, 0, 2]) {
        vi.setSystemTime(Date.now() + minutes * 60_000)
        http.begin({ ...get, ...firefox }).end(200, 'ok')
      }
      const [a, b, next] = client.events.map(({ properties }) => properties.visitor_id)
      expect(b).toBe(a)
      expect(next).toMatch(/^[0-9a-f]{32}$/)
      expect(next).not.toBe(a)
    })

    it.each(['dnt', 'sec-gpc'])('is nobody where `%s` asks for it', header => {
      expect(visitors({ headers: { [header]: '1' } })).toEqual([undefined])
    })
  })

  it('survives a reader that throws', () => {
    const client = createRecorder({ logger: { warn() {} } })
    const broken = {
      ...reader,
      method() {
        throw new Error('broken')
      },
    }
    const record = createHttpCapture(broken, { client }).begin(get)
    record.fail(new Error('a'))
    record.end(500, 'ok')
    expect(client.events).toHaveLength(0)
  })
})

describe('beforeSend', () => {
  it.each<[string, (event: never) => unknown, number]>([
    ['returns null', () => null, 0],
    [
      'throws',
      () => {
        throw new Error('broken')
      },
      0,
    ],
    ['returns nothing', () => undefined, 0],
    ['returns a promise', async () => null, 0],
    ['returns a rejection', async () => Promise.reject(new Error('late')), 0],
    ['returns the event', event => event, 1],
  ])('that %s', (_name, beforeSend, count) => {
    const client = createRecorder({ beforeSend: beforeSend as never, logger: { warn() {} } })
    client.capture('one')
    expect(client.events).toHaveLength(count)
    expect(client.stats().dropped).toEqual(count === 0 ? { before_send: 1 } : {})
  })

  it('may change what is sent, within the limits, but not whose it is', () => {
    const client = createRecorder({
      beforeSend: event => ({
        ...event,
        event_id: 'mine',
        site_id: 'mine',
        event: 'renamed',
        properties: { ...event.properties, note: 'x'.repeat(5000), password: 'p', big: 1n, self: client },
      }),
    })
    client.capture('one', { kept: true })
    const [event] = client.events
    expect(event).toMatchObject({
      event: 'renamed',
      site_id: 'site',
      properties: { kept: true, password: '[redacted]' },
    })
    expect(event?.event_id).not.toBe('mine')
    expect(String(event?.properties.note)).toHaveLength(1000)
  })
})
