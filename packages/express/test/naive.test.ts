import { cases } from '@justanalytics/conformance'
import { createHttpCapture, type RequestReader, type RequestRecord } from '@justanalytics/core/adapter'
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { JustAnalytics, JustAnalyticsOptions } from '../src/index.js'
import { express4Flavour, starter } from './app.js'

// Express logs every error that nobody handles.
beforeAll(() => void vi.spyOn(console, 'error').mockImplementation(() => {}))
afterAll(() => void vi.restoreAllMocks())

const reader: RequestReader<Request> = {
  sdk: 'naive',
  identity: req => req,
  method: req => req.method,
  url: req => req.originalUrl,
  headers: req => req.headers,
  address: req => req.ip,
  route: req => (req.route ? req.baseUrl + req.route.path : undefined),
}

type Serve = (req: Request, res: Response, record: RequestRecord) => void

/** An adapter as one would first write it. */
function naive(serve: Serve, fail: ErrorRequestHandler): (options?: JustAnalyticsOptions) => JustAnalytics {
  return options => {
    const http = createHttpCapture(reader, options)
    const middleware: JustAnalytics = Object.assign(
      ((req, res, next) => {
        const record = http.join(req) ?? http.begin(req)
        req.analytics = record
        serve(req, res, record)
        next()
      }) as RequestHandler,
      { client: http.client, errors: fail, close: () => http.close() },
    )
    return middleware
  }
}

const failing: ErrorRequestHandler = (error, req, _res, next) => {
  ;(req.analytics as RequestRecord).fail(error)
  next(error)
}

const onFinish: Serve = (_req, res, record) => void res.once('finish', () => record.end(res.statusCode, 'ok'))

const PAGE = 'a page is one pageview with every property of the origin'
const THROWN = 'an error thrown: one exception, tied to its request'

const mutants: Record<string, { adapter: ReturnType<typeof naive>; fails: string[]; passes: string[] }> = {
  // After an error `req.baseUrl` is gone.
  'knows of `finish` alone, and takes the route from `req.baseUrl`': {
    adapter: naive(onFinish, failing),
    fails: [
      THROWN,
      'a client that closes before a header: client_abort, no status, no exception',
      'a stream that breaks in the body: stream_error, the status sent, and an exception',
      'a nested and mounted route: one request event with the status the client saw',
    ],
    passes: [PAGE],
  },
  'takes the status from the error': {
    adapter: naive(onFinish, (error, req, res, next) => {
      failing(error, req, res, next)
      ;(req.analytics as RequestRecord).end(error?.status ?? 500, 'ok')
    }),
    fails: [
      'an error handler that answers 418: no exception, whatever was thrown',
      'an error handler that answers 503: one exception with that status',
      'an error handler that answers 200: no exception',
    ],
    passes: [PAGE, THROWN],
  },
}

describe('the suite fails, by name, an adapter that', () => {
  it.each(Object.entries(mutants))('%s', { timeout: 60_000 }, async (_name, { adapter, fails, passes }) => {
    const subject = { name: 'naive', start: starter(express4Flavour, adapter) }
    const chosen = cases.filter(one => fails.includes(one.name) || passes.includes(one.name))
    expect(chosen).toHaveLength(fails.length + passes.length)
    const results = await Promise.allSettled(chosen.map(one => one.run(subject)))
    const failed = chosen.filter((_, index) => results[index]?.status === 'rejected').map(one => one.name)
    expect(failed.sort()).toEqual(fails.sort())
  })
})
