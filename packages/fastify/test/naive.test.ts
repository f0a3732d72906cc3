import { cases } from '@justanalytics/conformance'
import { createHttpCapture, type HttpCapture, type RequestRecord } from '@justanalytics/core/adapter'
import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify'
import { describe, expect, it } from 'vitest'
import justanalytics, { type JustAnalyticsOptions } from '../src/index.js'
import { starter } from './app.js'

type RecordOf = (request: FastifyRequest) => RequestRecord

/** An adapter as one would first write it; `listen` says how a request ends. */
function naive(
  listen: (app: FastifyInstance, recordOf: RecordOf) => void,
): FastifyPluginAsync<JustAnalyticsOptions> {
  const plugin: FastifyPluginAsync<JustAnalyticsOptions> = async (app, options) => {
    const http: HttpCapture<FastifyRequest> = createHttpCapture<FastifyRequest>(
      {
        sdk: 'naive',
        identity: request => request.raw,
        method: request => request.method,
        url: request => request.originalUrl,
        headers: request => request.headers,
        address: request => request.ip,
        route: request => request.routeOptions.url,
      },
      options,
    )
    const recordOf: RecordOf = request => http.join(request) ?? http.begin(request)
    app.decorateRequest('analytics', { getter: recordOf as never })
    app.addHook('onRequest', async request => void recordOf(request))
    app.addHook('onError', async (request, _reply, error) => recordOf(request).fail(error))
    app.addHook('onClose', () => http.close())
    listen(app, recordOf)
  }
  return Object.assign(plugin, { [Symbol.for('skip-override')]: true })
}

interface Mutant {
  adapter: FastifyPluginAsync<JustAnalyticsOptions>
  fails: string[]
  passes: string[]
}

const PAGE = 'a page is one pageview with every property of the origin'
const THROWN = 'an error thrown: one exception, tied to its request'
const TEAPOT = 'an error handler that answers 418: no exception, whatever was thrown'
const BROKEN = 'a stream that breaks in the body: stream_error, the status sent, and an exception'

const mutants: Record<string, Mutant> = {
  'emits in onError': {
    adapter: naive((app, recordOf) => {
      app.addHook('onError', async (request, reply) => recordOf(request).end(reply.statusCode, 'ok'))
      app.addHook('onResponse', async (request, reply) => recordOf(request).end(reply.statusCode, 'ok'))
    }),
    fails: [THROWN, TEAPOT, 'a string thrown after an await: one exception, tied to its request'],
    passes: [PAGE],
  },
  'takes the status from the error': {
    adapter: naive((app, recordOf) => {
      app.addHook('onError', async (request, _reply, error) =>
        recordOf(request).end(error.statusCode ?? 500, 'ok'),
      )
      app.addHook('onResponse', async (request, reply) => recordOf(request).end(reply.statusCode, 'ok'))
    }),
    fails: [
      TEAPOT,
      'an error handler that answers 200: no exception',
      'an error handler that answers 503: one exception with that status',
    ],
    passes: [PAGE, THROWN],
  },
  'knows of no abort': {
    adapter: naive((app, recordOf) => {
      app.addHook('onResponse', async (request, reply) => recordOf(request).end(reply.statusCode, 'ok'))
    }),
    fails: [
      BROKEN,
      'a client that closes before a header: client_abort, no status, no exception',
      'a client that resets during a stream: client_abort, the status sent, no exception',
    ],
    passes: [PAGE, THROWN, TEAPOT],
  },
  'tells when the headers leave': {
    adapter: naive((app, recordOf) => {
      app.addHook('onSend', async (request, reply) => recordOf(request).end(reply.statusCode, 'ok'))
    }),
    fails: [
      BROKEN,
      'a stream: one event at its end, with the time it took',
      'a stream under way has no event yet',
    ],
    passes: [PAGE, TEAPOT],
  },
  'stays in its own context': {
    adapter: Object.assign(justanalytics.bind(null), { [Symbol.for('skip-override')]: false }),
    fails: [PAGE],
    passes: ['what is no HTTP never reaches the application: no event'],
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
