import fc from 'fast-check'
import { expect, it } from 'vitest'
import { iso } from '../../src/event/iso.js'
import { createQuoter, quote } from '../../src/event/quote.js'
import {
  type ApiRequestFacts,
  type PageviewFacts,
  type RequestEvent,
  type RequestFacts,
  RequestText,
  requestProperties,
} from '../../src/event/request-text.js'

const CAMPAIGN = ['utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content'] as const

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('"', '\\', '\u0000\u001f\u007f', '😀', '\ud83d', '\u2028', '</script>', '__proto__', ''),
  fc.webPath(),
)
const text = hostile.map(one => one.toWellFormed())
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined })
const orNull = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null })
const hundredths = fc.integer({ min: 0, max: 2 ** 40 }).map(count => count / 100)

const shared: fc.Arbitrary<RequestFacts> = fc.record({
  path: text,
  method: text,
  status_code: orNull(fc.integer({ min: 100, max: 599 })),
  duration_ms: hundredths,
  route: maybe(text),
  outcome: fc.constantFrom('ok', 'client_abort', 'stream_error'),
  request_id: fc.uuid(),
  trace_id: maybe(text),
  visitor_id: maybe(text),
  navigation: fc.boolean(),
  country: maybe(text),
  utm: fc.record(Object.fromEntries(CAMPAIGN.map(name => [name, text])), { requiredKeys: [] }),
  weight: maybe(fc.double({ min: 1, noNaN: true, noDefaultInfinity: true })),
})
const pageview: fc.Arbitrary<PageviewFacts> = fc.record({
  user_id: orNull(text),
  referrer: orNull(text),
  user_agent: orNull(text),
})
const apiRequest: fc.Arbitrary<ApiRequestFacts> = fc.record({
  viewset: orNull(text),
  action: orNull(text),
  query_params: fc.dictionary(text, fc.oneof(text, fc.array(text))),
  user_id: maybe(text),
})
const event: fc.Arbitrary<RequestEvent> = fc
  .tuple(fc.uuid(), fc.integer({ min: 0, max: Date.UTC(9999) }), shared, pageview, apiRequest, fc.boolean())
  .map(([id, time, shared, page, api, isApi]) =>
    isApi
      ? { event: 'api_request', id, time, shared, own: api }
      : { event: 'pageview', id, time, shared, own: page },
  )

it('writes a request as JSON.stringify writes its event, whatever there is in it', () => {
  const common = { release: 'r"1', environment: 'production', host: 'h\\', sdk: 'plain/1' }
  const requestText = new RequestText('site "1"', common)
  fc.assert(
    fc.property(event, request => {
      const whole = {
        site_id: 'site "1"',
        event: request.event,
        event_id: request.id,
        timestamp: new Date(request.time).toISOString(),
        properties: { ...requestProperties(request), ...common },
      }
      expect(requestText.write(request)).toBe(JSON.stringify(whole))
    }),
    { numRuns: 3000 },
  )
})

it('quotes as JSON does, lone surrogates included, also what it remembers', () => {
  const known = createQuoter()
  fc.assert(
    fc.property(hostile, one => {
      expect(quote(one)).toBe(JSON.stringify(one))
      expect([known(one), known(one)]).toEqual([JSON.stringify(one), JSON.stringify(one)])
    }),
    { numRuns: 2000 },
  )
})

it('remembers a bounded number of texts, none of them long', () => {
  const asked: string[] = []
  const known = createQuoter(one => {
    asked.push(one)
    return quote(one)
  })
  const again = (one: string): number => {
    const before = asked.length
    known(one)
    known(one)
    return asked.length - before
  }
  expect(again('a')).toBe(1)
  expect(again('x'.repeat(2000))).toBe(2)
  for (let n = 0; n < 1000; n++) known(`route ${n}`)
  expect(again('a')).toBe(1)
})

it('tells a time as Date does, and 1970 where there is none', () => {
  fc.assert(
    fc.property(fc.double({ min: -1e14, max: 1e15, noNaN: true }), time => {
      expect(iso(time)).toBe(new Date(time).toISOString())
      // The same second once more.
      expect(iso(time + 1)).toBe(new Date(time + 1).toISOString())
    }),
    { numRuns: 2000 },
  )
  expect([Number.NaN, Infinity, 9e15].map(iso)).toEqual(Array(3).fill('1970-01-01T00:00:00.000Z'))
})
