import { channel } from 'node:diagnostics_channel'
import { RawClient } from '@justanalytics/conformance'
import { createRecorder } from '@justanalytics/core/testing'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import { describe, expect, it, vi } from 'vitest'
import justanalytics, * as module from '../src/index.js'
import { express4Flavour, express5OldRouter } from './app.js'
import { listen, serve, told } from './serve.js'

const ok: RequestHandler = (_req, res) => void res.send('ok')
const fail: RequestHandler = () => {
  throw new Error('boom')
}
const unavailable: ErrorRequestHandler = (_error, _req, res, _next) => void res.status(503).send('later')

describe('the middleware', () => {
  it('is the default export and its namesake', () => {
    expect(Object.keys(module).sort()).toEqual(['default', 'justanalytics', 'route'])
    expect(module.justanalytics).toBe(justanalytics)
  })

  it('throws for a wrong option', () => {
    expect(() => justanalytics({ flushAt: 0 })).toThrow(/`flushAt`/)
  })

  it('holds the client, for what happens outside a request', async () => {
    const { analytics, recorder } = await serve(() => {})
    expect(analytics.client).toBe(recorder)
    analytics.client.capture('started', { workers: 2 })
    expect(recorder.named('started')[0]?.properties).toMatchObject({ workers: 2 })
  })

  it('listens to the router only between its making and its closing, and not at all while disabled', async () => {
    const listened = (): boolean => channel('tracing:express.router.request:error').hasSubscribers
    expect(listened()).toBe(false)
    const idle = justanalytics({ apiKey: '', logger: { warn() {} } })
    expect(listened()).toBe(false)
    await idle.close()
    const { close } = await serve(() => {})
    expect(listened()).toBe(true)
    await close()
    expect(listened()).toBe(false)
  })

  it('on a mounted application as well as the one around it: one event a request', async () => {
    const second = createRecorder()
    const { recorder, url, close } = await serve(({ app, express }) => {
      app.use('/other', express().use(justanalytics({ client: second }), ok))
      app.use(ok)
    })
    await fetch(`${url}/other/1`)
    await fetch(`${url}/2`)
    await close()
    expect(told(recorder)).toEqual(['pageview /other/1 200 no route', 'pageview /2 200 no route'])
    expect(second.events).toEqual([])
  })

  it('on a mounted application alone: what reaches that one, with the mount around it', async () => {
    const recorder = createRecorder()
    const analytics = justanalytics({ client: recorder })
    const inner = express().use(analytics).get('/items/:id', ok)
    const { url, close } = await listen(express().use('/v1/:org', inner).use(ok), analytics)
    await fetch(`${url}/v1/acme/items/7`)
    await fetch(`${url}/elsewhere`)
    await close()
    expect(told(recorder)).toEqual(['pageview /v1/acme/items/7 200 /v1/:org/items/:id'])
  })

  it('trust proxy decides which address makes the visitor', async () => {
    const visitors = async (trust: boolean): Promise<unknown[]> => {
      const { recorder, url, close } = await serve(({ app }) => app.set('trust proxy', trust).use(ok))
      for (const address of ['203.0.113.1', '203.0.113.2']) {
        await fetch(url, { headers: { 'x-forwarded-for': address } })
      }
      await close()
      return recorder.events.map(event => event.properties.visitor_id)
    }
    const [one, other] = await visitors(true)
    expect(one).not.toBe(other)
    const [same, again] = await visitors(false)
    expect(same).toBe(again)
  })
})

describe('an error', () => {
  it('is seen wherever it is answered, in whatever order things stand', async () => {
    const { recorder, url, close } = await serve(({ app, Router }) => {
      app.use(unavailable)
      app.get('/route', fail, unavailable)
      app.use('/router', Router().use(fail), unavailable)
      app.use(fail)
      app.use(unavailable)
    })
    for (const path of ['/route', '/router', '/app']) expect((await fetch(url + path)).status).toBe(503)
    await close()
    expect(told(recorder)).toEqual([
      'pageview /route 503 /route',
      'exception /route boom',
      'pageview /router 503 no route',
      'exception /router boom',
      'pageview /app 503 no route',
      'exception /app boom',
    ])
  })

  it('is one exception with `errors` in place too', async () => {
    const { recorder, url, close } = await serve(({ app, analytics }) => {
      app.use(fail)
      app.use(analytics.errors)
      app.use(unavailable)
    })
    await fetch(url)
    await close()
    expect(told(recorder)).toEqual(['pageview / 503 no route', 'exception / boom'])
  })

  it('of a parameter’s callback is one of its route', async () => {
    const { recorder, url, close } = await serve(({ app }) => {
      app.param('id', (_req, _res, next) => next(new Error('no such shelf')))
      app.get('/items/:id', ok)
      app.use(unavailable)
    })
    await fetch(`${url}/items/7`)
    await close()
    expect(told(recorder)).toEqual(['pageview /items/7 503 /items/:id', 'exception /items/7 no such shelf'])
  })

  it('is none where an error handler answers well, or a route is only left', async () => {
    const { recorder, url, close } = await serve(({ app }) => {
      app.get('/fine', fail, ((_error, _req, res, _next) => void res.send('fine')) as ErrorRequestHandler)
      app.get('/left', (_req, _res, next) => next('route'))
      app.get('/left', ok)
    })
    for (const path of ['/fine', '/left']) await fetch(url + path)
    await close()
    expect(told(recorder)).toEqual(['pageview /fine 200 /fine', 'pageview /left 200 /left'])
  })

  it('after the headers breaks the response off: a stream_error', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { recorder, url, close } = await serve(({ app }) => {
      app.use((_req, res) => {
        res.write('some')
        throw new Error('too late')
      })
    })
    const client = await RawClient.connect(url)
    client.send('/')
    await client.toTheEnd()
    await close()
    log.mockRestore()
    expect(told(recorder)).toEqual(['pageview / 200 no route', 'exception / too late'])
    expect(recorder.events[0]?.properties.outcome).toBe('stream_error')
  })

  it('that a falsy rejection becomes is an exception', async () => {
    const { recorder, url, close } = await serve(({ app }) => {
      app.use(async () => {
        throw undefined
      })
      app.use(unavailable)
    })
    await fetch(url)
    await close()
    expect(told(recorder)).toEqual(['pageview / 503 no route', 'exception / Rejected promise'])
  })
})

describe.each([
  ['Express 4', express4Flavour],
  ['Express 5 with router 2.2', express5OldRouter],
])('an error on %s', (_name, flavour) => {
  it('shows where `errors` stands before the application’s own error handlers', async () => {
    const { recorder, url, close } = await serve(
      ({ app, analytics }) => {
        app.get('/', fail)
        app.use(analytics.errors)
        app.use(unavailable)
      },
      {},
      flavour,
    )
    await fetch(url)
    await close()
    expect(told(recorder)).toEqual(['pageview / 503 /', 'exception / boom'])
  })

  it('does not show without it: a 503 without an exception', async () => {
    const { recorder, url, close } = await serve(
      ({ app }) => {
        app.get('/', fail)
        app.use(unavailable)
      },
      {},
      flavour,
    )
    await fetch(url)
    await close()
    expect(told(recorder)).toEqual(['pageview / 503 /'])
  })
})
