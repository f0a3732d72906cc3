import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createAnalytics } from '../../src/analytics.js'
import { createHttpCapture, type HttpCapture, type RequestReader } from '../../src/capture/http.js'
import type { Analytics } from '../../src/client.js'
import type { Outcome } from '../../src/event/schema.js'
import { accept, Endpoint } from '../endpoint.js'

const reader: RequestReader<object> = {
  sdk: 'plain',
  identity: request => request,
  method: () => 'GET',
  url: () => '/',
  headers: () => ({}),
  address: () => '203.0.113.9',
  route: () => undefined,
}

/** Events that were made. */
let made: string[]
let endpoint: Endpoint
let client: Analytics
let http: HttpCapture<object>

beforeEach(async () => {
  made = []
  endpoint = await Endpoint.open(accept)
  client = createAnalytics({
    apiKey: 'key',
    siteId: 'site',
    endpoint: endpoint.url,
    beforeSend(event) {
      made.push(event.event)
      return event
    },
  })
  http = createHttpCapture(reader, { client })
})

afterEach(async () => {
  await client.close()
  await endpoint[Symbol.asyncDispose]()
})

function ask(status: number | null = 200, outcome: Outcome = 'ok', error?: unknown): void {
  const record = http.begin({})
  if (error !== undefined) record.fail(error)
  record.end(status, outcome)
}

describe('the event of a request that went well', () => {
  it('is made soon after its end, and not in the middle of it', async () => {
    ask()
    expect(made).toEqual([])
    await vi.waitFor(() => expect(made).toEqual(['pageview']))
  })

  it('is made with those of others, as soon as there are 32', () => {
    for (let n = 1; n < 32; n++) ask()
    expect(made).toHaveLength(0)
    ask()
    expect(made).toHaveLength(32)
  })

  it('is made before anybody looks at the ledger', () => {
    ask()
    expect(client.stats()).toMatchObject({ captured: 1, queued: 1 })
  })

  it('is part of what a flush delivers', async () => {
    ask()
    expect(await client.flush()).toBe(true)
    expect(endpoint.events.map(({ event }) => event)).toEqual(['pageview'])
  })

  it('is part of what a close delivers', async () => {
    ask()
    expect(await client.close()).toBe(true)
    expect(client.stats()).toMatchObject({ captured: 1, delivered: 1 })
  })
})

it('events are made in the order in which things happened', () => {
  ask()
  client.capture('signed up')
  ask()
  ask(500, 'ok', new Error('a'))
  expect(made).toEqual(['pageview', 'signed up', 'pageview', 'pageview', 'exception'])
})

it.each<[string, number | null, Outcome, unknown]>([
  ['was answered with a 5xx', 503, 'ok', undefined],
  ['met an error', 500, 'ok', new Error('a')],
  ['met an error and was answered all the same', 404, 'ok', new Error('a')],
  ['broke off', 200, 'stream_error', undefined],
  ['was left by its client', 200, 'client_abort', undefined],
  ['was never answered', null, 'client_abort', undefined],
])('a request that %s is told of at once', (_name, status, outcome, error) => {
  ask(status, outcome, error)
  expect(made).toContain('pageview')
})
