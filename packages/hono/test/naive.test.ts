import { cases } from '@justanalytics/conformance'
import { createHttpCapture, type RequestReader, type RequestRecord } from '@justanalytics/core/adapter'
import type { Context, Next } from 'hono'
import { routePath } from 'hono/route'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { JustAnalytics, JustAnalyticsOptions } from '../src/index.js'
import { starter } from './app.js'

// Hono and its server log there what they answer with 500.
beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => {}))

const reader: RequestReader<Context> = {
  sdk: 'naive',
  identity: c => c.env.incoming,
  method: c => c.req.method,
  url: c => c.req.url,
  headers: c => c.req.header(),
  address: () => undefined,
  route: c => routePath(c),
}

/** An adapter as one would first write it. */
function naive(
  serve: (c: Context, next: Next, record: RequestRecord) => Promise<void>,
): (options?: JustAnalyticsOptions) => JustAnalytics {
  return options => {
    const http = createHttpCapture(reader, options)
    async function middleware(c: Context, next: Next): Promise<void> {
      const record = http.join(c) ?? http.begin(c)
      c.set('analytics', record)
      await serve(c, next, record)
    }
    return Object.assign(middleware, { client: http.client, close: () => http.close() })
  }
}

const PAGE = 'a page is one pageview with every property of the origin'
const THROWN = 'an error thrown: one exception, tied to its request'

const mutants: Record<string, { adapter: ReturnType<typeof naive>; fails: string[]; passes: string[] }> = {
  'waits for errors to be thrown at it': {
    adapter: naive(async (c, next, record) => {
      try {
        await next()
      } catch (error) {
        record.fail(error)
        throw error
      } finally {
        record.end(c.res.status, 'ok')
      }
    }),
    fails: [
      THROWN,
      'a stream: one event at its end, with the time it took',
      'a client that closes before a header: client_abort, no status, no exception',
      'a path without a route: one request event with the status the client saw',
    ],
    passes: [PAGE],
  },
  'takes the status from the error': {
    adapter: naive(async (c, next, record) => {
      await next()
      if (c.error) record.fail(c.error)
      record.end(c.error ? ((c.error as { status?: number }).status ?? 500) : c.res.status, 'ok')
    }),
    fails: [
      'an error handler that answers 418: no exception, whatever was thrown',
      'a string thrown: one exception, tied to its request',
      'a stream that breaks in the body: stream_error, the status sent, and an exception',
    ],
    passes: [PAGE, THROWN],
  },
  'looks into the response': {
    adapter: naive(async (c, next, record) => {
      await next()
      if (c.error) record.fail(c.error)
      const isEmpty = c.res.headers.get('content-length') === '0' || c.res.body === null
      record.end(isEmpty ? 204 : c.res.status, 'ok')
    }),
    fails: ['unaltered: the bytes of headers, their case and order, and cookies'],
    passes: [PAGE, THROWN],
  },
}

describe('the suite fails, by name, an adapter that', () => {
  it.each(Object.entries(mutants))('%s', { timeout: 60_000 }, async (_name, { adapter, fails, passes }) => {
    const subject = { name: 'naive', start: starter(adapter) }
    const chosen = cases.filter(one => fails.includes(one.name) || passes.includes(one.name))
    expect(chosen).toHaveLength(fails.length + passes.length)
    const results = await Promise.allSettled(chosen.map(one => one.run(subject)))
    const failed = chosen.filter((_, index) => results[index]?.status === 'rejected').map(one => one.name)
    expect(failed.sort()).toEqual(fails.sort())
  })
})
