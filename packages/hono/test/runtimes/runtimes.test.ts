import { once } from 'node:events'
import { builtinModules } from 'node:module'
import { only, RawClient, Sink } from '@justanalytics/conformance'
import type { EventProperties } from '@justanalytics/core/event'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { PAUSE_MS } from './app.js'
import { bundleFor, type Runtime, startBun, startDeno, startWorkerd } from './start.js'

const runtimes: [string, (endpoint: string) => Promise<Runtime>][] = [
  ['Bun', startBun],
  ['Deno', startDeno],
  ['Cloudflare Workers', startWorkerd],
]

describe.each(runtimes)('on %s', (_name, start) => {
  let sink: Sink
  let runtime: Runtime
  beforeAll(async () => {
    sink = await Sink.open()
    runtime = await start(sink.url)
  }, 60_000)
  afterAll(async () => {
    await runtime?.[Symbol.asyncDispose]()
    await sink.close()
  })

  /** All that is told while and after `act` runs, once the request to `path` has been. */
  async function told(path: string, act: () => Promise<unknown>, events = 1): Promise<EventProperties[]> {
    sink.events.length = 0
    await act()
    await sink.until(all => all.filter(event => event.properties.path === path).length >= events, 15_000)
    expect(sink.problems).toEqual([])
    // An exception leaves first.
    return sink.events.map(({ event, properties }) => ({ event, ...properties })).reverse()
  }

  const get = async (path: string, init?: RequestInit): Promise<Response> => {
    const answer = await fetch(runtime.url + path, { headers: { 'user-agent': 'tea' }, ...init })
    await answer.text().catch(() => {})
    return answer
  }

  it('a page is one pageview', async () => {
    const headers = {
      'user-agent': 'tea',
      referer: 'https://shop.example/x?y',
      'cf-connecting-ip': '203.0.113.7',
    }
    const page = only(await told('/html', () => get('/html?utm_source=news', { headers })))
    expect(page).toMatchObject({
      event: 'pageview',
      path: '/html',
      method: 'GET',
      route: '/html',
      status_code: 200,
      outcome: 'ok',
      user_agent: 'tea',
      referrer: 'https://shop.example/x',
      utm_source: 'news',
      visitor_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      environment: 'test',
      sdk: expect.stringMatching(/^hono\//),
    })
  })

  it('an API request is one api_request', async () => {
    expect(only(await told('/api/items/7', () => get('/api/items/7?page=2')))).toMatchObject({
      event: 'api_request',
      viewset: '/api/items',
      action: 'retrieve',
      route: '/api/items/:id',
      query_params: { page: '2' },
    })
  })

  it('a thrown error is one exception, tied to its request', async () => {
    const [request, exception, ...more] = await told('/throws', () => get('/throws'), 2)
    expect(more).toEqual([])
    expect(request).toMatchObject({ event: 'pageview', status_code: 500, route: '/throws' })
    expect(exception).toMatchObject({
      event: 'exception',
      exception_type: 'Error',
      exception_message: 'the shelf is empty',
      status_code: 500,
      request_id: request?.request_id,
    })
  })

  it('something thrown that is no error is one exception, and 500 is what the client saw', async () => {
    let status = 0
    const [request, exception] = await told(
      '/throws-text',
      async () => {
        status = (await get('/throws-text')).status
      },
      2,
    )
    expect(request).toMatchObject({ status_code: status })
    expect(status).toBe(500)
    expect(exception).toMatchObject({ exception_type: 'string', exception_message: 'just text' })
  })

  it.each(['/stream', '/stream-text', '/events', '/typed-stream'])(
    '%s is one event at its end',
    async path => {
      const start = performance.now()
      const event = only(await told(path, () => get(path)))
      expect(event).toMatchObject({ path, route: path, status_code: 200, outcome: 'ok' })
      expect(event.duration_ms).toBeGreaterThanOrEqual(PAUSE_MS - 20)
      expect(event.duration_ms).toBeLessThanOrEqual(performance.now() - start)
    },
  )

  it('a stream that breaks is a stream_error and an exception', async () => {
    const path = '/broken-stream'
    const [request, exception] = await told(path, () => get(path).catch(() => {}), 2)
    expect(request).toMatchObject({ status_code: 200, outcome: 'stream_error' })
    expect(exception).toMatchObject({
      exception_message: 'the shelf is empty',
      request_id: request?.request_id,
    })
  })

  it('a client that leaves during server-sent events is a client_abort, without an exception', async () => {
    const leaving = async (): Promise<void> => {
      const client = await RawClient.connect(runtime.url)
      client.send('/endless')
      await client.until('tick')
      client.leave()
    }
    expect(only(await told('/endless', leaving))).toMatchObject({ status_code: 200, outcome: 'client_abort' })
  })

  it.each([
    ['/empty', 'GET', 204],
    ['/not-modified', 'GET', 304],
    ['/moved', 'GET', 302],
    ['/events', 'HEAD', 200],
    ['/status/404', 'GET', 404],
  ])('%s by %s has its event', async (path, method, status_code) => {
    const event = only(await told(path, () => get(path, { method, redirect: 'manual' })))
    expect(event).toMatchObject({ path, method, status_code, outcome: 'ok' })
  })

  it('a path without a route has no route', async () => {
    expect(only(await told('/nowhere', () => get('/nowhere')))).not.toHaveProperty('route')
  })

  it('many requests at once all have their event', async () => {
    const all = Array.from({ length: 100 }, (_, n) => `/api/items/${n}`)
    await told('/late', async () => {
      await Promise.all(all.map(path => get(path)))
      await get('/late')
    })
    await sink.until(events => events.length >= 101)
    expect(new Set(sink.events.map(event => event.properties.path))).toEqual(new Set([...all, '/late']))
  })

  it.each([
    '/text',
    '/dressed-text',
    '/html',
    '/json',
    '/bytes',
    '/empty',
    '/not-modified',
    '/moved',
    '/cookies',
    '/throws',
    '/nowhere',
    '/stream',
    '/stream-text',
    '/typed-stream',
  ])('the bytes of %s are what they are without the adapter', async path => {
    const bytes = async (target: string): Promise<string> => {
      const client = await RawClient.connect(runtime.url)
      client.send(target, 'Connection: close\r\n')
      return (await client.toTheEnd()).replace(/^(date): .*$/im, '$1: …')
    }
    expect(await bytes(path)).toBe(await bytes(`/alone${path}`))
  })

  async function connect(): Promise<WebSocket> {
    sink.events.length = 0
    const client = new WebSocket(`${runtime.url.replace('http', 'ws')}/live/tea`)
    client.on('error', () => {})
    await once(client, 'open')
    return client
  }

  /** The properties of the one event of that name, once it is there. */
  async function toldOfSocket(name: string): Promise<EventProperties> {
    await sink.until(events => events.some(({ event }) => event === name), 15_000)
    return only(sink.events.filter(({ event }) => event === name)).properties
  }

  it('a WebSocket is one request event, a connect, and a disconnect that counts', async () => {
    const client = await connect()
    const answers: string[] = []
    const answered = new Promise<void>(resolve => {
      client.on('message', data => answers.push(String(data)) === 2 && resolve())
    })
    client.send('hello')
    await answered
    expect(answers).toEqual(['you said hello', '1'])
    client.close(4001)
    const path = '/live/tea'
    const request = await toldOfSocket('pageview')
    const { request_id } = request
    expect(request).toMatchObject({ path, route: '/live/:room', status_code: 101, outcome: 'ok' })
    expect(await toldOfSocket('websocket_connect')).toMatchObject({ path, request_id })
    expect(await toldOfSocket('websocket_disconnect')).toMatchObject({
      path,
      request_id,
      close_code: 4001,
      messages_in: 1,
      messages_out: 2,
    })
  })

  it('what a handler of a WebSocket throws is an exception', async () => {
    const client = await connect()
    client.send('fail')
    expect(await toldOfSocket('exception')).toMatchObject({
      path: '/live/tea',
      exception_message: 'boom',
      mechanism: 'request',
    })
    client.terminate()
  })

  it('nothing is printed but what the application’s own errors make it print', () => {
    expect(runtime.output()).not.toContain('[justanalytics]')
  })
})

describe('a client that leaves before there is an answer', () => {
  it('is a client_abort without a status on Bun', async () => {
    const sink = await Sink.open()
    await using runtime = await startBun(sink.url)
    const client = await RawClient.connect(runtime.url)
    client.send('/late')
    await vi.waitUntil(() => runtime.output().includes('came late'))
    client.leave()
    await sink.until(events => events.length > 0, 15_000)
    expect(only(sink.events).properties).toMatchObject({
      path: '/late',
      status_code: null,
      outcome: 'client_abort',
    })
    await sink.close()
  }, 60_000)
})

describe.each(runtimes.slice(0, 2))('a process of %s', (_name, start) => {
  it('stops when it is told to, and tells what is left', async () => {
    const sink = await Sink.open()
    await using runtime = await start(sink.url)
    expect((await fetch(`${runtime.url}/text`)).status).toBe(200)
    expect(await runtime.stop()).toBe(0)
    expect(only(sink.events).properties.path).toBe('/text')
    await sink.close()
  }, 60_000)
})

describe('Cloudflare Workers', () => {
  it('with Node’s modules at hand does the same', async () => {
    const sink = await Sink.open()
    const withNode = 'compatibilityDate = "2025-10-01", compatibilityFlags = ["nodejs_compat"]'
    await using runtime = await startWorkerd(sink.url, withNode)
    await (await fetch(`${runtime.url}/stream`)).text()
    await sink.until(events => events.length > 0, 15_000)
    expect(only(sink.events).properties).toMatchObject({ path: '/stream', outcome: 'ok' })
    expect(sink.problems).toEqual([])
    await sink.close()
  }, 60_000)

  it('without a key answers as ever, and says so in one line', async () => {
    await using runtime = await startWorkerd()
    for (const path of ['/text', '/stream', '/text']) {
      expect((await fetch(runtime.url + path)).status).toBe(200)
    }
    await vi.waitUntil(() => runtime.output().includes('[justanalytics]'))
    expect(runtime.output().match(/\[justanalytics\].*/g)).toEqual([
      expect.stringContaining('there is no `apiKey` (JUSTANALYTICS_API_KEY)'),
    ])
  }, 60_000)
})

describe('a bundle', () => {
  it.each([
    ['Workers', ['workerd', 'worker', 'browser']],
    ['Bun', ['bun', 'node', 'import']],
    ['Deno', ['deno', 'node', 'import']],
    ['a browser-like platform', ['browser']],
    ['an unknown platform', []],
  ])('for %s has nothing of Node in it', async (_platform, conditions) => {
    const { metafile } = await bundleFor(...conditions)
    const imported = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path))
    expect(imported.filter(path => path.startsWith('node:') || builtinModules.includes(path))).toEqual([])
    expect(Object.keys(metafile.inputs).filter(path => path.includes('/undici/'))).toEqual([])
  })

  it('for Node has', async () => {
    const { metafile } = await bundleFor('node', 'import')
    expect(JSON.stringify(metafile.inputs)).toContain('/platform/node.js')
  })
})
