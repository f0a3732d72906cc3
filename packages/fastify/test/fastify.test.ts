import { once } from 'node:events'
import http2 from 'node:http2'
import { RawClient } from '@justanalytics/conformance'
import { createRecorder } from '@justanalytics/core/testing'
import fastify from 'fastify'
import { describe, expect, it } from 'vitest'
import justanalytics, * as module from '../src/index.js'
import { serve, told } from './serve.js'

describe('the plugin', () => {
  it('is the default export and its namesake', () => {
    expect(Object.keys(module).sort()).toEqual(['default', 'justanalytics', 'route'])
    expect(module.justanalytics).toBe(justanalytics)
  })

  it('sees every route, whenever and wherever it is registered', async () => {
    const { app, recorder, url } = await serve({
      before: app => void app.get('/before', async () => ''),
      after: app => {
        app.get('/after', async () => '')
        app.register(async child => void child.get('/inside', async () => ''), { prefix: '/child' })
      },
    })
    for (const path of ['/before', '/after', '/child/inside']) await fetch(url + path)
    await app.close()
    expect(told(recorder)).toEqual([
      'pageview /before 200 /before',
      'pageview /after 200 /after',
      'pageview /child/inside 200 /child/inside',
    ])
  })

  it('fails the start for a wrong option', async () => {
    const app = fastify()
    app.register(justanalytics, { flushAt: 0 })
    await expect(app.ready()).rejects.toMatchObject({ name: 'JustAnalyticsError', option: 'flushAt' })
  })

  it('registered twice records once, and the first client stays', async () => {
    const second = createRecorder()
    const { app, recorder, url } = await serve({
      after: app => {
        app.register(justanalytics, { client: second })
        app.get('/', async () => '')
      },
    })
    await fetch(url)
    expect(app.analytics).toBe(recorder)
    await app.close()
    expect(told(recorder)).toEqual(['pageview / 200 /'])
    expect(second.events).toEqual([])
  })

  it('records simulated requests too', async () => {
    const { app, recorder } = await serve({ after: app => void app.get('/', async () => 'hi') })
    expect((await app.inject('/')).body).toBe('hi')
    expect((await app.inject('/nowhere')).statusCode).toBe(404)
    await app.close()
    expect(told(recorder)).toEqual(['pageview / 200 /', 'pageview /nowhere 404 no route'])
    expect(recorder.events.map(event => event.properties.outcome)).toEqual(['ok', 'ok'])
  })

  it('decorates the application with the client', async () => {
    const { app, recorder } = await serve({})
    app.analytics.capture('started', { workers: 2 })
    await app.close()
    expect(recorder.named('started')[0]?.properties).toMatchObject({ workers: 2 })
  })

  it('still takes what a closing hook captures', async () => {
    const { app, recorder } = await serve({
      after: app => void app.addHook('onClose', async () => app.analytics.capture('stopped')),
    })
    await app.close()
    expect(recorder.named('stopped')).toHaveLength(1)
  })
})

describe('what Fastify answers without any hook', () => {
  it('a request that comes while it drains: its 503 is one event and no exception', async () => {
    let go = (): void => {}
    const { app, recorder, url } = await serve({
      after: app => void app.get('/slow', () => new Promise(resolve => (go = () => resolve('done')))),
    })
    const client = await RawClient.connect(url)
    const reached = (): Promise<unknown> => once(app.server, 'request')
    await Promise.all([reached(), client.send('/slow')])
    const closed = app.close()
    await new Promise(setImmediate)
    await Promise.all([reached(), client.send('/late')])
    go()
    await client.until('Service Unavailable')
    client.leave()
    await closed
    expect(told(recorder)).toEqual(['pageview /slow 200 /slow', 'pageview /late 503 no route'])
  })

  it('a parameter beyond maxParamLength: its 414 is one event', async () => {
    const { app, recorder, url } = await serve({ after: app => void app.get('/:id', async () => '') })
    expect((await fetch(`${url}/${'x'.repeat(101)}?q=1`)).status).toBe(414)
    await app.close()
    expect(told(recorder)).toEqual([`pageview /${'x'.repeat(101)} 414 no route`])
  })

  it('is told with callbacks that look at what a request has', async () => {
    const options = {
      user: (request: { headers: object; ip: string }) => `${request.ip} ${typeof request.headers}`,
    }
    const { app, recorder, url } = await serve({}, options)
    const client = await RawClient.connect(url)
    client.send('/%zz', 'Connection: close\r\n')
    await client.toTheEnd()
    await app.close()
    expect(told(recorder)).toEqual(['pageview /%zz 400 no route'])
    expect(recorder.events[0]?.properties.user_id).toBe('127.0.0.1 object')
  })
})

describe('Fastify’s own idea of a request', () => {
  it('the path is the one received, where rewriteUrl changes it', async () => {
    const { app, recorder, url } = await serve(
      { after: app => void app.get('/new', async () => '') },
      {},
      { rewriteUrl: () => '/new' },
    )
    await fetch(`${url}/old?q=1`)
    await app.close()
    expect(told(recorder)).toEqual(['pageview /old 200 /new'])
  })

  it('trustProxy decides which address makes the visitor', async () => {
    const visitors = async (trustProxy: boolean): Promise<unknown[]> => {
      const { app, recorder, url } = await serve({}, {}, { trustProxy })
      for (const address of ['203.0.113.1', '203.0.113.2']) {
        await fetch(url, { headers: { 'x-forwarded-for': address } })
      }
      await app.close()
      return recorder.events.map(event => event.properties.visitor_id)
    }
    const [one, other] = await visitors(true)
    expect(one).not.toBe(other)
    const [same, again] = await visitors(false)
    expect(same).toBe(again)
  })

  it('HEAD without its automatic route is a 404', async () => {
    const { app, recorder, url } = await serve(
      { after: app => void app.get('/', async () => '') },
      {},
      { exposeHeadRoutes: false },
    )
    await fetch(url, { method: 'HEAD' })
    await app.close()
    expect(told(recorder)).toEqual(['pageview / 404 no route'])
  })
})

describe('HTTP/2', () => {
  it('a page, an error, an undecodable URL and a cancelled stream', async () => {
    const recorder = createRecorder()
    const app = fastify({ http2: true })
    app.register(justanalytics, { client: recorder })
    app.get('/', async () => 'hi')
    app.get('/fails', async () => {
      throw new Error('boom')
    })
    app.get('/never', () => new Promise(() => {}))
    const client = http2.connect(await app.listen({ host: '127.0.0.1', port: 0 }))
    const ask = (path: string): Promise<void> =>
      new Promise(resolve => void client.request({ ':path': path }).on('close', resolve).resume().end())
    for (const path of ['/', '/fails', '/%zz']) await ask(path)
    const stream = client.request({ ':path': '/never' })
    await new Promise(resolve => app.server.once('request', resolve))
    stream.on('error', () => {}).close(http2.constants.NGHTTP2_CANCEL)
    await new Promise(resolve => stream.once('close', resolve))
    client.close()
    await app.close()
    expect(told(recorder)).toEqual([
      'pageview / 200 /',
      'pageview /fails 500 /fails',
      'exception /fails boom',
      'pageview /%zz 400 no route',
      'pageview /never null /never',
    ])
    expect(recorder.events.at(-1)?.properties.outcome).toBe('client_abort')
  })
})
