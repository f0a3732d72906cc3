import { expect } from 'vitest'
import { type Case, only, play } from '../play.js'

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const NAVIGATION = {
  accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
}

/** What the event of a page tells. */
export const page: readonly Case[] = [
  {
    name: 'a page is one pageview with every property of the origin',
    async run(subject) {
      const told = await play(subject, {}, ({ ask }) => ask('/page'))
      const event = only(told.events)
      expect(event.event).toBe('pageview')
      expect(event.event_id).toMatch(UUID_V7)
      expect(event.timestamp).toBe(new Date(event.timestamp).toISOString())
      expect(event.properties).toMatchObject({
        path: '/page',
        method: 'GET',
        status_code: 200,
        user_id: null,
        referrer: null,
        user_agent: 'conformance',
        route: '/page',
        outcome: 'ok',
        request_id: expect.stringMatching(UUID_V7),
      })
      const { duration_ms: duration } = event.properties
      expect(duration).toBeGreaterThanOrEqual(0)
      expect(duration).toBe(Math.round((duration as number) * 100) / 100)
    },
  },
  {
    name: 'every event says its environment, release, service, host and sdk',
    async run(subject) {
      const options = { release: '4f2a9c1', environment: 'staging', service: 'checkout' }
      const told = await play(subject, { options }, ({ ask }) => ask('/throws/error'))
      expect(told.events.map(event => event.event).sort()).toEqual(['exception', 'pageview'])
      for (const { properties } of told.events) {
        expect(properties).toMatchObject({ ...options, host: expect.any(String) })
        expect(properties.sdk).toMatch(/^[a-z]+\/\d+\.\d+\.\d+/)
      }
    },
  },
  {
    name: 'a path is told as received, without its query string',
    async run(subject) {
      const told = await play(subject, {}, ({ ask }) => ask('/v1/caf%C3%A9/items/a%20b?q=secret#x'))
      expect(only(told.requests)).toMatchObject({
        path: '/v1/caf%C3%A9/items/a%20b',
        route: '/v1/:org/items/:id',
      })
      expect(told.wire).not.toContain('secret')
    },
  },
  {
    name: 'a long user agent is cut to 500 code points',
    async run(subject) {
      const told = await play(subject, {}, ({ ask }) =>
        ask('/page', { headers: { 'user-agent': 'x'.repeat(3000) } }),
      )
      expect(only(told.requests).user_agent).toHaveLength(500)
    },
  },
  {
    name: 'a referrer loses its query and fragment',
    async run(subject) {
      const referer = 'https://shop.example/basket?token=hunter2#top'
      const told = await play(subject, {}, ({ ask }) => ask('/page', { headers: { referer } }))
      expect(only(told.requests).referrer).toBe('https://shop.example/basket')
      expect(told.wire).not.toContain('hunter2')
    },
  },
  {
    name: 'utm_* of the query are told, nothing else of a pageview’s query',
    async run(subject) {
      const utm = {
        utm_source: 'news',
        utm_medium: 'mail',
        utm_campaign: 'may',
        utm_term: 'tea',
        utm_content: 'top',
      }
      const told = await play(subject, {}, ({ ask }) =>
        ask(`/page?${new URLSearchParams({ ...utm, coupon: 'hunter2' })}`),
      )
      expect(only(told.requests)).toMatchObject(utm)
      expect(only(told.requests)).not.toHaveProperty('query_params')
      expect(told.wire).not.toContain('hunter2')
    },
  },
  {
    name: 'a valid traceparent gives the trace id, to the exception too',
    async run(subject) {
      const trace_id = '4bf92f3577b34da6a3ce929d0e0e4736'
      const headers = { traceparent: `00-${trace_id}-00f067aa0ba902b7-01` }
      const told = await play(subject, {}, ({ ask }) => ask('/throws/error', { headers }))
      expect(only(told.requests)).toMatchObject({ trace_id })
      expect(only(told.exceptions)).toMatchObject({ trace_id })
    },
  },
  {
    name: 'an invalid traceparent is as none',
    async run(subject) {
      const told = await play(subject, {}, async ({ ask }) => {
        for (const traceparent of [
          'x',
          '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
          '00-4bf9-00f0-01',
        ]) {
          await ask('/page', { headers: { traceparent } })
        }
      })
      expect(told.requests).toHaveLength(3)
      for (const request of told.requests) expect(request).not.toHaveProperty('trace_id')
    },
  },
  {
    name: 'a person opening a page is a navigation',
    async run(subject) {
      const told = await play(subject, {}, ({ ask }) => ask('/page', { headers: NAVIGATION }))
      expect(only(told.requests).navigation).toBe(true)
    },
  },
  {
    name: 'a prefetch is no navigation',
    async run(subject) {
      const headers = { ...NAVIGATION, 'sec-purpose': 'prefetch;prerender' }
      const told = await play(subject, {}, ({ ask }) => ask('/page', { headers }))
      expect(only(told.requests).navigation).not.toBe(true)
    },
  },
  {
    name: 'the country that a proxy told is that of a page opened by a person, and of nothing else',
    async run(subject) {
      const told = await play(subject, {}, async ({ ask }) => {
        for (const country of ['DE', 'XX']) {
          await ask('/page', { headers: { ...NAVIGATION, 'cf-ipcountry': country } })
        }
        await ask('/page', { headers: { ...NAVIGATION, 'x-vercel-ip-country': 'FR' } })
        await ask('/page', { headers: NAVIGATION })
        await ask('/page', { headers: { 'cf-ipcountry': 'DE' } })
      })
      expect(told.requests.map(({ country }) => country).sort()).toEqual([
        'DE',
        'FR',
        undefined,
        undefined,
        undefined,
      ])
    },
  },
  {
    name: 'a fetch from a script is no navigation',
    async run(subject) {
      const headers = { accept: '*/*', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }
      const told = await play(subject, {}, ({ ask }) => ask('/page', { headers }))
      expect(only(told.requests).navigation).not.toBe(true)
    },
  },
]
