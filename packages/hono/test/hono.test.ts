import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { API_KEY, only, SITE_ID, Sink } from '@justanalytics/conformance'
import { createRecorder } from '@justanalytics/core/testing'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { compress } from 'hono/compress'
import { stream, streamText } from 'hono/streaming'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import justanalytics, * as module from '../src/index.js'
import { record, serve, told } from './serve.js'

// Hono and its server log there what they answer with 500.
beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => {}))

describe('the middleware', () => {
  it('is the default export and its namesake', () => {
    expect(Object.keys(module).sort()).toEqual(['default', 'justanalytics', 'observeWebSockets', 'route'])
    expect(module.justanalytics).toBe(justanalytics)
  })

  it('has the client at hand', async () => {
    const client = createRecorder()
    const analytics = justanalytics({ client })
    expect(analytics.client).toBe(client)
    expect(await analytics.close()).toBe(true)
  })

  it('records a Hono application inside another server by the URL that was received', async () => {
    const { app, recorder } = record(app => app.get('/page', c => c.text('page')))
    const listener = getRequestListener(app.fetch)
    const server = createServer((request: IncomingMessage & { originalUrl?: string }, response) => {
      request.originalUrl = request.url as string
      request.url = '/page'
      return listener(request, response)
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mounted/page`)
    server.close()
    await once(server, 'close')
    expect(told(recorder)).toEqual(['pageview /mounted/page 200 /page'])
  })

  it('records HTTP/2, a cancelled stream too', async () => {
    const { url, recorder, close } = await serve(
      app =>
        app
          .get('/', c => c.text('hi'))
          .get('/fails', () => {
            throw new Error('boom')
          })
          .get('/never', () => new Promise<never>(() => {})),
      {},
      { createServer: http2.createServer } as never,
    )
    const client = http2.connect(url)
    const ask = (path: string): Promise<void> =>
      new Promise(resolve => void client.request({ ':path': path }).on('close', resolve).resume().end())
    for (const path of ['/', '/fails']) await ask(path)
    const cancelled = client.request({ ':path': '/never' }).on('error', () => {})
    await ask('/')
    cancelled.close(http2.constants.NGHTTP2_CANCEL)
    await once(cancelled, 'close')
    client.close()
    await close()
    expect(told(recorder)).toEqual([
      'pageview / 200 /',
      'pageview /fails 500 /fails',
      'exception /fails boom',
      'pageview / 200 /',
      'pageview /never null /never',
    ])
    expect(recorder.events.at(-1)?.properties.outcome).toBe('client_abort')
  })

  it('stays out of the way of middlewares that make another response of a stream', async () => {
    const { url, recorder, close } = await serve(app =>
      app.use(compress()).get('/', c => streamText(c, async out => void (await out.write('x'.repeat(5000))))),
    )
    expect(await (await fetch(url)).text()).toBe('x'.repeat(5000))
    await close()
    expect(told(recorder)).toEqual(['pageview / 200 /'])
  })

  it('an error in a stream’s callback is for its error handler to report: Hono shows it to nobody else', async () => {
    const { url, recorder, close } = await serve(app =>
      app.get('/', c =>
        stream(
          c,
          async () => {
            throw new Error('boom')
          },
          async error => c.var.analytics.captureException(error),
        ),
      ),
    )
    await (await fetch(url)).text()
    await close()
    expect(told(recorder).sort()).toEqual(['exception / boom', 'pageview / 200 /'])
  })
})

describe('without a server', () => {
  it('records what app.request() answers', async () => {
    const { app, recorder } = record(app =>
      app
        .get('/page', c => c.text('page'))
        .get('/fails', () => {
          throw new Error('boom')
        }),
    )
    await app.request('/page?q=1', { headers: { 'user-agent': 'tea' } })
    await app.request('/fails')
    await app.request('/nowhere')
    expect(told(recorder)).toEqual([
      'pageview /page 200 /page',
      'pageview /fails 500 /fails',
      'exception /fails boom',
      'pageview /nowhere 404 no route',
    ])
    expect(recorder.events[0]?.properties).toMatchObject({ user_agent: 'tea', outcome: 'ok' })
    expect(recorder.events[0]?.properties).not.toHaveProperty('visitor_id')
  })

  it('a stream is told at its end, or when its reader leaves', async () => {
    const { app, recorder } = record(app =>
      app.get('/stream', c =>
        stream(c, async out => {
          for (let n = 0; n < 3 && !out.aborted; n++) await out.write('part ')
        }),
      ),
    )
    const whole = await app.request('/stream')
    expect(recorder.events).toEqual([])
    expect(await whole.text()).toBe('part part part ')
    const left = await app.request('/stream')
    await left.body?.cancel()
    expect(recorder.events.map(event => event.properties.outcome)).toEqual(['ok', 'client_abort'])
  })

  it('HEAD on a stream is told at once', async () => {
    const { app, recorder } = record(app => app.get('/stream', c => stream(c, async () => {})))
    await app.request('/stream', { method: 'HEAD' })
    expect(told(recorder)).toEqual(['pageview /stream 200 /stream'])
  })

  it('what is thrown and is no Error is 500 and an exception, and goes on', async () => {
    const { app, recorder } = record(app =>
      app.get('/', () => {
        throw 'just text'
      }),
    )
    await expect(app.request('/')).rejects.toBe('just text')
    expect(told(recorder)).toEqual(['pageview / 500 /', 'exception / just text'])
  })

  it('a handler that answers nothing is 500', async () => {
    const { app, recorder } = record(app => app.get('/', (() => {}) as never))
    expect((await app.request('/')).status).toBe(500)
    expect(told(recorder)).toEqual(['pageview / 500 /'])
  })

  it('a second adapter finds the record where a middleware has changed the request', async () => {
    const second = justanalytics({ client: createRecorder() })
    const { app, recorder } = record(app =>
      app
        .use(bodyLimit({ maxSize: 1000 }))
        .use(second)
        .post('/', async c => c.text(await c.req.text())),
    )
    const body = new Blob(['whole']).stream()
    const answer = await app.request('/', { method: 'POST', body, duplex: 'half' } as RequestInit)
    expect(await answer.text()).toBe('whole')
    expect(told(recorder)).toEqual(['pageview / 200 /'])
    expect((second.client as typeof recorder).events).toEqual([])
  })
})

describe('variables that come with a request, as on Workers', () => {
  /** What Workers hand over: bindings, and a context that says what to wait for. */
  async function platform() {
    const sink = await Sink.open()
    onTestFinished(() => sink.close())
    const work: Promise<unknown>[] = []
    return {
      sink,
      work,
      env: {
        JUSTANALYTICS_API_KEY: API_KEY,
        JUSTANALYTICS_SITE_ID: SITE_ID,
        JUSTANALYTICS_ENDPOINT: sink.url,
        KV: { get() {} },
      },
      context: {
        waitUntil: (one: Promise<unknown>) => void work.push(one),
        passThroughOnException() {},
        props: {},
      },
    }
  }

  beforeEach(() => {
    for (const name of ['JUSTANALYTICS_API_KEY', 'JUSTANALYTICS_SITE_ID']) vi.stubEnv(name, undefined)
    return () => void vi.unstubAllEnvs()
  })

  it('are found with the first one, and waitUntil carries the flush', async () => {
    const { sink, work, env, context } = await platform()
    const warn = vi.fn()
    const analytics = justanalytics({ flushInterval: 60_000, logger: { warn } })
    expect(analytics.client.enabled).toBe(false)
    const app = new Hono().use(analytics).get('/:id', c => c.text('page'))
    for (const path of ['/1', '/2']) await app.request(path, {}, env, context)
    expect(analytics.client.enabled).toBe(true)
    await Promise.all(work)
    expect(sink.events.map(event => event.properties.path)).toEqual(['/1', '/2'])
    expect(sink.problems).toEqual([])
    // That there was no key was said when it was so.
    expect(warn).toHaveBeenCalledOnce()
    await analytics.close()
  })

  it('waitUntil lasts until a stream has ended and is told', async () => {
    const { sink, work, env, context } = await platform()
    const analytics = justanalytics({ logger: { warn() {} } })
    const app = new Hono()
      .use(analytics)
      .get('/', c => stream(c, async out => void (await out.write('whole'))))
    const answer = await app.request('/', {}, env, context)
    let over = false
    void work[0]?.then(() => {
      over = true
    })
    await new Promise(setImmediate)
    expect(over).toBe(false)
    await answer.text()
    await Promise.all(work)
    expect(only(sink.events).properties).toMatchObject({ path: '/', outcome: 'ok' })
    await analytics.close()
  })

  it('options outrank them', async () => {
    const { sink, work, env, context } = await platform()
    const analytics = justanalytics({ siteId: SITE_ID, environment: 'preview', logger: { warn() {} } })
    const app = new Hono().use(analytics).get('/', c => c.text('page'))
    await app.request('/', {}, { ...env, JUSTANALYTICS_ENVIRONMENT: 'production' }, context)
    await Promise.all(work)
    expect(only(sink.events).properties.environment).toBe('preview')
    await analytics.close()
  })

  it('that are wrong cost a warning and no request', async () => {
    const { env, context } = await platform()
    const lines: string[] = []
    const analytics = justanalytics({ logger: { warn: line => void lines.push(line) } })
    const app = new Hono().use(analytics).get('/', c => c.text('page'))
    for (let n = 0; n < 2; n++) {
      const answer = await app.request('/', {}, { ...env, JUSTANALYTICS_ENDPOINT: 'nowhere' }, context)
      expect(await answer.text()).toBe('page')
    }
    expect(lines.slice(1)).toEqual([
      expect.stringMatching(/^\[justanalytics\] Expected `endpoint` to be .*nowhere/),
    ])
  })
})
