import { errorMonitor, once } from 'node:events'
import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { RawClient } from '@justanalytics/conformance'
import { createRecorder } from '@justanalytics/core/testing'
import Router from '@koa/router'
import Koa, { type Middleware } from 'koa'
import Koa2 from 'koa-2'
import { describe, expect, it, vi } from 'vitest'
import justanalytics, * as module from '../src/index.js'
import { serve, told } from './serve.js'

const answer =
  (body: () => unknown): Middleware =>
  ctx => {
    ctx.body = body()
  }
const fail: Middleware = () => {
  throw new Error('boom')
}

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

  it('answers a request for which there is no middleware as Koa does', async () => {
    const { recorder, url, close } = await serve(() => {})
    expect((await fetch(url)).status).toBe(404)
    await close()
    expect(told(recorder)).toEqual(['pageview / 404 no route'])
  })

  it('serves several applications, and listens once to each', async () => {
    const recorder = createRecorder()
    const analytics = justanalytics({ client: recorder })
    for (const name of ['one', 'two']) {
      const { app, url, close } = await serve(app => {
        app.middleware.splice(0)
        app.use(analytics).use(fail)
      })
      for (const n of [1, 2]) await fetch(`${url}/${name}/${n}`)
      await close()
      expect(app.listenerCount(errorMonitor)).toBe(1)
    }
    expect(recorder.named('pageview').map(event => event.properties.path)).toEqual([
      '/one/1',
      '/one/2',
      '/two/1',
      '/two/2',
    ])
    expect(recorder.named('exception')).toHaveLength(4)
  })

  it('app.proxy decides which address makes the visitor', async () => {
    const visitors = async (proxy: boolean): Promise<unknown[]> => {
      const { recorder, url, close } = await serve(() => {}, {}, new Koa({ proxy }))
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

describe('Koa’s own log', () => {
  it('is as long with the adapter as without', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { app, url } = await serve(app => void app.use(fail))
    app.silent = false
    await fetch(url)
    expect(log.mock.calls).toEqual([[expect.stringContaining('Error: boom')]])
    log.mockRestore()
  })
})

describe('an error that a middleware answers', () => {
  const swallow =
    (emits: boolean): Middleware =>
    async (ctx, next) => {
      try {
        await next()
      } catch (error) {
        ctx.status = 503
        if (emits) ctx.app.emit('error', error, ctx)
      }
    }

  it('is seen where it is emitted, as Koa’s guide advises', async () => {
    const { recorder, url, close } = await serve(app => void app.use(swallow(true)).use(fail))
    await fetch(url)
    await close()
    expect(told(recorder)).toEqual(['pageview / 503 no route', 'exception / boom'])
  })

  it('is seen where the same middleware stands inside once more', async () => {
    const { recorder, url, close } = await serve(
      (app, analytics) => void app.use(swallow(false)).use(analytics).use(fail),
    )
    await fetch(url)
    await close()
    expect(told(recorder)).toEqual(['pageview / 503 no route', 'exception / boom'])
  })

  it('is not seen otherwise: a 503 without an exception', async () => {
    const { recorder, url, close } = await serve(app => void app.use(swallow(false)).use(fail))
    await fetch(url)
    await close()
    expect(told(recorder)).toEqual(['pageview / 503 no route'])
  })

  it('emitted without a context belongs to no request', async () => {
    const { app, recorder, url, close } = await serve(app => void app.use(answer(() => 'ok')))
    await fetch(url)
    app.emit('error', new Error('a timer'))
    await close()
    expect(told(recorder)).toEqual(['pageview / 200 no route'])
  })
})

describe('a thrown non-Error', () => {
  it('is told as it was thrown, though Koa makes an Error of it', async () => {
    const { recorder, url, close } = await serve(
      app =>
        void app.use(() => {
          throw 'text'
        }),
    )
    expect((await fetch(url)).status).toBe(500)
    await close()
    expect(recorder.named('exception')).toHaveLength(1)
    expect(recorder.named('exception')[0]?.properties).toMatchObject({
      exception_type: 'string',
      exception_message: 'text',
    })
    expect(recorder.named('exception')[0]?.properties).not.toHaveProperty('causes')
  })
})

describe('a body that breaks', () => {
  async function* breaking(): AsyncGenerator<string> {
    yield 'some'
    await new Promise(setImmediate)
    throw new Error('disk gone')
  }

  it('is an exception where it is a web stream too', async () => {
    const { recorder, url, close } = await serve(
      app => void app.use(answer(() => ReadableStream.from(breaking()))),
    )
    await expect(fetch(url).then(answer => answer.text())).rejects.toThrow()
    await close()
    expect(told(recorder)).toEqual(['pageview / 200 no route', 'exception / disk gone'])
    expect(recorder.events[0]?.properties.outcome).toBe('stream_error')
  })

  it('on Koa 2, which leaves the response open, is a stream_error though it is the client that ends it', async () => {
    const { app, recorder, url, close } = await serve(
      app => void app.use(answer(() => Readable.from(breaking()))),
      {},
      new Koa2() as unknown as Koa,
    )
    const broken = once(app, 'error')
    const client = await RawClient.connect(url)
    client.send('/')
    await client.until('some')
    await broken
    client.leave()
    await close()
    expect(told(recorder)).toEqual(['pageview / 200 no route', 'exception / disk gone'])
    expect(recorder.events[0]?.properties.outcome).toBe('stream_error')
  })

  it('left by its client is no fault', async () => {
    const { recorder, url, close } = await serve(
      app =>
        void app.use(ctx => {
          ctx.body = new Readable({ read() {} })
          ctx.body.push('some')
        }),
    )
    const client = await RawClient.connect(url)
    client.send('/')
    await client.until('some')
    client.leave()
    await close()
    expect(told(recorder)).toEqual(['pageview / 200 no route'])
    expect(recorder.events[0]?.properties.outcome).toBe('client_abort')
  })
})

describe('a response written past Koa', () => {
  it('that never ends because of an error is a stream_error', async () => {
    const { recorder, url, close } = await serve(
      app =>
        void app.use(ctx => {
          ctx.respond = false
          ctx.status = 200
          ctx.res.write('some')
          throw new Error('too late')
        }),
    )
    const client = await RawClient.connect(url)
    client.send('/')
    await client.until('some')
    client.leave()
    await close()
    expect(told(recorder)).toEqual(['pageview / 200 no route', 'exception / too late'])
    expect(recorder.events[0]?.properties.outcome).toBe('stream_error')
  })

  it('that ends in spite of an error is as it was sent', async () => {
    const { recorder, url, close } = await serve(
      app =>
        void app.use(ctx => {
          ctx.respond = false
          ctx.status = 200
          ctx.res.write('some')
          ctx.app.emit('error', new Error('one of many'), ctx)
          ctx.res.end()
        }),
    )
    await (await fetch(url)).text()
    await close()
    expect(told(recorder)).toEqual(['pageview / 200 no route'])
    expect(recorder.events[0]?.properties.outcome).toBe('ok')
  })
})

describe('another adapter that began the request', () => {
  it('ends it, and the route is Koa’s', async () => {
    const { recorder, url, close } = await serve((app, analytics) => {
      const router = new Router()
      router.get('/items/:id', fail)
      app.use(justanalytics({ client: analytics.client })).use(router.routes())
    })
    await fetch(`${url}/items/7`)
    await close()
    expect(told(recorder)).toEqual(['pageview /items/7 500 /items/:id', 'exception /items/7 boom'])
  })
})

describe('HTTP/2', () => {
  it('a page, an error and a cancelled stream', async () => {
    const recorder = createRecorder()
    const app = new Koa()
    app.silent = true
    app.use(justanalytics({ client: recorder })).use(async ctx => {
      if (ctx.path === '/fails') throw new Error('boom')
      if (ctx.path === '/never') await new Promise(() => {})
      ctx.body = 'hi'
    })
    const server = http2.createServer(app.callback()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    for (const path of ['/', '/fails']) {
      await once(client.request({ ':path': path }).resume().end(), 'close')
    }
    const request = once(server, 'request')
    const stream = client.request({ ':path': '/never' })
    const [, response] = (await request) as [unknown, http2.Http2ServerResponse]
    const over = once(response, 'close')
    stream.on('error', () => {}).close(http2.constants.NGHTTP2_CANCEL)
    await over
    client.close()
    server.close()
    await once(server, 'close')
    expect(told(recorder)).toEqual([
      'pageview / 200 no route',
      'pageview /fails 500 no route',
      'exception /fails boom',
      'pageview /never null no route',
    ])
    expect(recorder.events.at(-1)?.properties.outcome).toBe('client_abort')
  })
})
