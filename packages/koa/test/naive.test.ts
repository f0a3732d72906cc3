import { cases } from '@justanalytics/conformance'
import { createHttpCapture, type RequestReader, type RequestRecord } from '@justanalytics/core/adapter'
import type { Context, Next } from 'koa'
import { describe, expect, it } from 'vitest'
import type { JustAnalytics, JustAnalyticsOptions } from '../src/index.js'
import { koa3, starter } from './app.js'

const reader: RequestReader<Context> = {
  sdk: 'naive',
  identity: ctx => ctx.req,
  method: ctx => ctx.method,
  url: ctx => ctx.originalUrl,
  headers: ctx => ctx.req.headers,
  address: ctx => ctx.ip,
  route: ctx => ctx._matchedRoute,
}

/** An adapter as one would first write it. */
function naive(
  serve: (ctx: Context, next: Next, record: RequestRecord) => Promise<void>,
): (options?: JustAnalyticsOptions) => JustAnalytics {
  return options => {
    const http = createHttpCapture(reader, options)
    async function middleware(ctx: Context, next: Next): Promise<void> {
      const record = http.join(ctx) ?? http.begin(ctx)
      ctx.analytics = record
      await serve(ctx, next, record)
    }
    return Object.assign(middleware, { client: http.client, close: () => http.close() })
  }
}

const PAGE = 'a page is one pageview with every property of the origin'
const THROWN = 'an error thrown: one exception, tied to its request'

const mutants: Record<string, { adapter: ReturnType<typeof naive>; fails: string[]; passes: string[] }> = {
  'takes the status when its own turn comes': {
    adapter: naive(async (ctx, next, record) => {
      try {
        await next()
      } catch (error) {
        record.fail(error)
        throw error
      } finally {
        record.end(ctx.status, 'ok')
      }
    }),
    fails: [
      THROWN,
      'a stream: one event at its end, with the time it took',
      'a client that closes before a header: client_abort, no status, no exception',
    ],
    passes: [PAGE],
  },
  'takes the status from the error': {
    adapter: naive(async (ctx, next, record) => {
      try {
        await next()
        record.end(ctx.status, 'ok')
      } catch (error) {
        record.fail(error)
        record.end((error as { status?: number } | null)?.status ?? 500, 'ok')
        throw error
      }
    }),
    fails: [
      'an error handler that answers 503: one exception with that status',
      'the answer sent, then an error thrown: the answer counts',
      'a stream that breaks in the body: stream_error, the status sent, and an exception',
    ],
    passes: [PAGE, THROWN],
  },
  'listens to the application’s errors': {
    adapter: naive(async (ctx, next, record) => {
      if (ctx.app.listenerCount('error') < 2) {
        ctx.app.on('error', (error, ctx) => (ctx.analytics as RequestRecord).fail(error))
      }
      ctx.res.once('close', () => record.end(ctx.res.headersSent ? ctx.res.statusCode : null, 'ok'))
      await next()
    }),
    fails: [
      'a string thrown: one exception, tied to its request',
      'unaltered: the listeners of the process and of the framework',
    ],
    passes: [PAGE, THROWN],
  },
}

describe('the suite fails, by name, an adapter that', () => {
  it.each(Object.entries(mutants))('%s', { timeout: 60_000 }, async (_name, { adapter, fails, passes }) => {
    const subject = { name: 'naive', start: starter(koa3, adapter) }
    const chosen = cases.filter(one => fails.includes(one.name) || passes.includes(one.name))
    expect(chosen).toHaveLength(fails.length + passes.length)
    const results = await Promise.allSettled(chosen.map(one => one.run(subject)))
    const failed = chosen.filter((_, index) => results[index]?.status === 'rejected').map(one => one.name)
    expect(failed.sort()).toEqual(fails.sort())
  })
})
