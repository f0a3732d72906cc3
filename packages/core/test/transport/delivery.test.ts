import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createAnalytics } from '../../src/analytics.js'
import type { Analytics } from '../../src/client.js'
import type { AnalyticsOptions } from '../../src/options.js'
import { expectBalance } from '../balance.js'
import { accept, type Behaviour, Endpoint, type Received } from '../endpoint.js'

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

let lines: string[]

async function start(
  behaviour: Behaviour,
  options: AnalyticsOptions = {},
): Promise<{ endpoint: Endpoint; client: Analytics }> {
  const endpoint = await Endpoint.open(behaviour)
  const client = clientFor(endpoint.url, options)
  open.push(endpoint, client)
  return { endpoint, client }
}

function clientFor(endpoint: string, options: AnalyticsOptions = {}): Analytics {
  lines = []
  const logger = { warn: (line: string) => void lines.push(line) }
  return createAnalytics({ apiKey: 'top-secret', siteId: 'site_1', endpoint, logger, ...options })
}

function captureMany(client: Analytics, count: number): void {
  for (let i = 0; i < count; i++) client.capture(`event ${i}`)
}

const sizes = (endpoint: Endpoint): number[] => endpoint.received.map(({ events }) => events.length)
const names = (received: readonly Received[]): string[] =>
  received.flatMap(({ events }) => events.map(({ event }) => event))
const isArray = ({ body }: Received): boolean => Array.isArray(body)
const has = (received: Received, name: string): boolean => received.events.some(({ event }) => event === name)

describe('a batch', () => {
  it('is one object for one event, an array for several', async () => {
    const { endpoint, client } = await start(accept)
    client.capture('one')
    await client.flush()
    captureMany(client, 2)
    await client.flush()
    expect(endpoint.received.map(isArray)).toEqual([false, true])
  })

  it('leaves by itself once flushAt events are waiting', async () => {
    const { endpoint, client } = await start(accept, { flushAt: 3, flushInterval: 60_000 })
    captureMany(client, 3)
    await endpoint.until(({ events }) => events.length === 3)
    expect(sizes(endpoint)).toEqual([3])
  })

  it('leaves by itself after flushInterval', async () => {
    const { endpoint, client } = await start(accept, { flushInterval: 20 })
    client.capture('lonely')
    await endpoint.until(({ events }) => events.length === 1)
  })

  it('does not wait for flushInterval with an exception in it', async () => {
    const { endpoint, client } = await start(accept, { flushInterval: 3_600_000 })
    client.captureException(new Error('now'))
    await endpoint.until(({ events }) => events.length === 1)
  })

  it('has at most 500 events and 512 KiB', async () => {
    const { endpoint, client } = await start(accept, { flushAt: 500, maxQueueSize: 5000 })
    captureMany(client, 1200)
    expect(await client.flush()).toBe(true)
    expect(Math.max(...sizes(endpoint))).toBeLessThanOrEqual(500)
    for (let i = 0; i < 60; i++) client.capture('large', Object.fromEntries(largeEntries()))
    await client.flush()
    const bytes = endpoint.received.map(({ body }) => JSON.stringify(body).length)
    expect(Math.max(...bytes)).toBeLessThanOrEqual(512 * 1024 + 600)
    expect(endpoint.events).toHaveLength(1260)
  })

  it.each([
    ['compressed above 1 KiB', true, 50, 'gzip'],
    ['plain below', true, 1, undefined],
    ['plain where compress is off', false, 50, undefined],
  ])('is %s', async (_name, compress, count, encoding) => {
    const { endpoint, client } = await start(accept, { compress })
    captureMany(client, count)
    await client.flush()
    expect(endpoint.received[0]?.headers['content-encoding']).toBe(encoding)
  })
})

function largeEntries(): [string, string][] {
  return Array.from({ length: 20 }, (_, i) => [`field ${i}`, 'x'.repeat(1000)])
}

describe('what an answer does', () => {
  it('obeys a list of results', async () => {
    const { client } = await start(() => ({
      body: '{"accepted":2,"rejected":[{"index":1,"reason":"too odd"}]}',
    }))
    captureMany(client, 3)
    expect(await client.flush()).toBe(false)
    expect(client.stats()).toMatchObject({ delivered: 2, dropped: { rejected: 1 } })
    expect(lines.join()).toContain('too odd')
  })

  it('sends again after a 503, the same events with the same ids', async () => {
    let times = 0
    const { endpoint, client } = await start(received => (++times === 1 ? { status: 503 } : accept(received)))
    captureMany(client, 2)
    expect(await client.flush()).toBe(true)
    const [first, second] = endpoint.received.map(({ events }) => events.map(({ event_id }) => event_id))
    expect(second).toEqual(first)
    expect(client.stats()).toMatchObject({ delivered: 2, retries: 2, dropped: {} })
  })

  it('splits a refused array until the bad event is alone, and drops that one', async () => {
    const { client } = await start(received =>
      has(received, 'event 5') ? { status: 400 } : accept(received),
    )
    client.capture('before')
    client.capture('hand')
    await client.flush()
    captureMany(client, 9)
    expect(await client.flush()).toBe(false)
    expect(client.stats()).toMatchObject({ delivered: 10, dropped: { rejected: 1 } })
  })

  it.each([400, 415, 422])(
    'sends single objects from then on where an array gets %i and one event 2xx',
    async status => {
      const { endpoint, client } = await start(received =>
        isArray(received) ? { status } : accept(received),
      )
      captureMany(client, 4)
      expect(await client.flush()).toBe(true)
      expect(endpoint.received.filter(isArray).length).toBeLessThanOrEqual(2)
      captureMany(client, 2)
      const before = endpoint.received.length
      expect(await client.flush()).toBe(true)
      expect(endpoint.received.slice(before).some(isArray)).toBe(false)
    },
  )

  it('takes an endpoint that refuses everything for misconfigured, and keeps the events', async () => {
    const { endpoint, client } = await start(() => ({ status: 400 }))
    captureMany(client, 3)
    expect(await client.flush()).toBe(false)
    expect(client.stats()).toMatchObject({ queued: 3, dropped: {} })
    expect(endpoint.received.length).toBe(3)
    expect(lines).toHaveLength(1)
  })

  it('halves what is too large, and remembers', async () => {
    const { endpoint, client } = await start(received =>
      received.events.length > 3 ? { status: 413 } : accept(received),
    )
    captureMany(client, 8)
    expect(await client.flush()).toBe(true)
    expect(sizes(endpoint).slice(0, 3)).toEqual([8, 4, 2])
    captureMany(client, 4)
    await client.flush()
    expect(sizes(endpoint).slice(-2)).toEqual([2, 2])
  })

  it('shrinks a single event that is too large, and drops it when nothing helps', async () => {
    const { endpoint, client } = await start(({ body }) =>
      JSON.stringify(body).length > 3000 ? { status: 413 } : { status: 202 },
    )
    client.capture('large', Object.fromEntries(largeEntries()))
    expect(await client.flush()).toBe(true)
    endpoint.behaviour = () => ({ status: 413 })
    client.capture('large', Object.fromEntries(largeEntries()))
    expect(await client.flush()).toBe(false)
    expect(client.stats().dropped).toEqual({ too_large: 1 })
  })

  it('sends uncompressed from then on where gzip gets 415', async () => {
    const { endpoint, client } = await start(received =>
      received.headers['content-encoding'] ? { status: 415 } : accept(received),
    )
    captureMany(client, 50)
    expect(await client.flush()).toBe(true)
    captureMany(client, 50)
    expect(await client.flush()).toBe(true)
    expect(endpoint.received.map(({ headers }) => headers['content-encoding'])).toEqual([
      'gzip',
      undefined,
      undefined,
    ])
  })

  it.each<[string, Behaviour, RegExp]>([
    ['a key that is not accepted', () => ({ status: 401 }), /answered 401: check the API key/],
    ['another site’s key', () => ({ status: 403 }), /answered 403: check the API key/],
    [
      'a redirect',
      () => ({ status: 301, headers: { location: '/elsewhere' } }),
      /answered 301, .*check the endpoint/,
    ],
    ['a missing page', () => ({ status: 404 }), /answered 404, .*check the endpoint/],
    [
      'a page in the endpoint’s place',
      () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>Hi</h1>' }),
      /answered 200 with a page, .*check the endpoint/,
    ],
  ])('%s: one warning without the key, one request, nothing lost', async (_name, behaviour, warning) => {
    const { endpoint, client } = await start(behaviour)
    captureMany(client, 3)
    expect(await client.flush()).toBe(false)
    captureMany(client, 3)
    expect(await client.flush()).toBe(false)
    expect(endpoint.received).toHaveLength(1)
    expect(client.stats()).toMatchObject({ queued: 6, dropped: {} })
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(warning)
    expect(lines[0]).toMatch(/^\[justanalytics\] /)
    expect(lines[0]).not.toContain('top-secret')
  })

  it('waits as told by Retry-After', async () => {
    const { endpoint, client } = await start(() => ({ status: 429, headers: { 'retry-after': '30' } }))
    client.capture('patient')
    expect(await client.flush(2000)).toBe(false)
    expect(endpoint.received).toHaveLength(1)
    expect(client.stats().queued).toBe(1)
  })

  it('probes a sick endpoint with at most ten events, other ones each time', async () => {
    const { endpoint, client } = await start(() => ({ status: 500 }))
    captureMany(client, 40)
    await client.flush(2500)
    expect(sizes(endpoint).slice(0, 3)).toEqual([40, 10, 1])
    const [, first, second] = endpoint.received
    expect(has(first as Received, names([second as Received])[0] as string)).toBe(false)
    expect(endpoint.received.length).toBeLessThanOrEqual(5)
  })

  it('gives an event up after maxRetries', async () => {
    const { client } = await start(() => ({ status: 500 }), { maxRetries: 1 })
    client.capture('doomed')
    expect(await client.flush()).toBe(false)
    expect(client.stats()).toMatchObject({ retries: 1, queued: 0, dropped: { expired: 1 } })
  })
})

describe('an endpoint out of reach', () => {
  it('that refuses connections costs a warning from the third failure on, and no event', async () => {
    const gone = await Endpoint.open()
    const { url } = gone
    await gone[Symbol.asyncDispose]()
    const client = clientFor(url)
    captureMany(client, 3)
    expect(await client.flush(3500)).toBe(false)
    expect(client.stats()).toMatchObject({ queued: 3, dropped: {} })
    expect(lines).toEqual([expect.stringMatching(/failed \(ECONNREFUSED\); events are kept and retried\.$/)])
    await client.close(0)
    expect(client.stats().dropped).toEqual({ closed: 3 })
  })

  it('that never answers holds an attempt for requestTimeout', async () => {
    let times = 0
    const { client, endpoint } = await start(received => (++times === 1 ? 'silent' : accept(received)), {
      requestTimeout: 100,
    })
    client.capture('patient')
    expect(await client.flush()).toBe(true)
    expect(endpoint.received).toHaveLength(2)
  })

  it('that drips its answer holds an attempt no longer', async () => {
    const drips = createServer(socket => {
      socket.on('error', () => {})
      const timer = setInterval(() => socket.write('H'), 20)
      socket.on('close', () => clearInterval(timer))
    })
    await new Promise<void>(resolve => drips.listen(0, '127.0.0.1', resolve))
    const client = clientFor(`http://127.0.0.1:${(drips.address() as AddressInfo).port}/`, {
      requestTimeout: 150,
    })
    client.capture('patient')
    await client.flush(400)
    expect(client.stats()).toMatchObject({ delivered: 0 })
    expect(client.stats().retries).toBeGreaterThanOrEqual(0)
    await client.close(0)
    drips.close()
  })

  it('that resets a connection gets one retry for free', async () => {
    let times = 0
    const { endpoint, client } = await start(received => (++times === 2 ? 'reset' : accept(received)))
    client.capture('first')
    await client.flush()
    client.capture('second')
    expect(await client.flush()).toBe(true)
    expect(names(endpoint.received)).toEqual(['first', 'second', 'second'])
  })
})

describe('losses', () => {
  it('are told with the next batch that gets through, once', async () => {
    const { endpoint, client } = await start(accept, { maxQueueSize: 5, flushAt: 500, flushInterval: 60_000 })
    captureMany(client, 8)
    await client.flush()
    client.capture('later')
    await client.flush()
    const reports = endpoint.events.filter(({ event }) => event === 'client_report')
    expect(reports).toHaveLength(1)
    expect(reports[0]?.properties).toMatchObject({
      dropped: { queue_full: 3 },
      since: expect.stringMatching(/Z$/),
      until: expect.stringMatching(/Z$/),
    })
  })

  it('are not reported where there are none', async () => {
    const { endpoint, client } = await start(accept)
    captureMany(client, 3)
    await client.flush()
    expect(names(endpoint.received)).not.toContain('client_report')
  })

  it('are told alone where no batch is left to tell them, before the client closes', async () => {
    const { endpoint, client } = await start(accept)
    for (let i = 0; i < 50; i++) client.captureException(new Error('again'))
    await client.flush()
    expect(await client.close()).toBe(true)
    const reports = endpoint.events.filter(({ event }) => event === 'client_report')
    expect(reports.map(({ properties }) => properties.dropped)).toEqual([{ repeated: 40 }])
  })

  it('of one event larger than the queue cost that event alone', async () => {
    const { client, endpoint } = await start(accept, { maxQueueBytes: 20_000, flushAt: 500 })
    captureMany(client, 5)
    client.capture('large', Object.fromEntries(largeEntries()))
    client.capture('last')
    await client.flush()
    expect(endpoint.events.filter(({ event }) => event !== 'client_report')).toHaveLength(6)
    expect(client.stats().dropped).toEqual({ too_large: 1 })
  })

  it('keep the report’s identity until it got through', async () => {
    let times = 0
    const { endpoint, client } = await start(
      received => (++times === 1 ? { status: 500 } : accept(received)),
      {
        maxQueueSize: 2,
        flushAt: 500,
      },
    )
    captureMany(client, 3)
    await client.flush()
    const ids = endpoint.events
      .filter(({ event }) => event === 'client_report')
      .map(({ event_id }) => event_id)
    expect(ids).toHaveLength(2)
    expect(new Set(ids).size).toBe(1)
  })

  it('leave the ledger balanced at every moment', async () => {
    let times = 0
    const statuses = [500, 413, 400, 202, 429, 202]
    const { client } = await start(() => ({ status: statuses[times++ % statuses.length] as number }), {
      maxQueueSize: 30,
      onDrop: () => expectBalance(client.stats()),
    })
    for (let round = 0; round < 5; round++) {
      captureMany(client, 20)
      expectBalance(client.stats())
      await client.flush(50)
      expectBalance(client.stats())
    }
    await client.close(100)
    expectBalance(client.stats())
    expect(client.stats()).toMatchObject({ queued: 0, inFlight: 0 })
  })
})

describe('flush and close', () => {
  it('answer true at once when there is nothing to do', async () => {
    const { client, endpoint } = await start(accept)
    expect(await client.flush()).toBe(true)
    expect(await client.close()).toBe(true)
    expect(endpoint.received).toHaveLength(0)
  })

  it('close delivers what is queued, then takes no more', async () => {
    const { client, endpoint } = await start(accept)
    captureMany(client, 3)
    expect(await client.close()).toBe(true)
    client.capture('late')
    expect(endpoint.events).toHaveLength(3)
    expect(client.stats()).toMatchObject({ captured: 4, delivered: 3, dropped: { closed: 1 } })
    expect(await client.flush()).toBe(true)
    expect(await client.close()).toBe(true)
  })

  it('close gives a silent endpoint no more than its time', async () => {
    const { client } = await start(() => 'silent')
    client.capture('stuck')
    expect(await client.close(100)).toBe(false)
    expect(client.stats()).toMatchObject({ inFlight: 0, queued: 0, dropped: { closed: 1 } })
  })

  it('flush waits for what was captured before it, not for what came after', async () => {
    let answer: (() => void) | undefined
    const { client, endpoint } = await start(accept, { flushInterval: 60_000 })
    client.capture('before')
    const flushed = client.flush()
    client.capture('after')
    expect(await flushed).toBe(true)
    expect(client.stats().queued + client.stats().inFlight + client.stats().delivered).toBe(2)
    answer?.()
    expect(names(endpoint.received)).toContain('before')
  })

  it('works with `await using`, and through functions handed around', async () => {
    const endpoint = await Endpoint.open()
    {
      await using client = clientFor(endpoint.url)
      const { capture } = client
      capture('handed around')
    }
    expect(names(endpoint.received)).toEqual(['handed around'])
    await endpoint[Symbol.asyncDispose]()
  })
})
