import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer, upgradeWebSocket } from '@hono/node-server'
import { createRecorder, type Recorder } from '@justanalytics/core/testing'
import { Hono } from 'hono'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import justanalytics, { observeWebSockets, route } from '../src/index.js'

interface Room {
  recorder: Recorder
  sockets: WebSocketServer
  connect(path: string): Promise<WebSocket>
  /** Makes the client leave, and resolves once the server knows of it. */
  leave(client: WebSocket, code?: number): Promise<void>
  close(): Promise<void>
}

async function open(routes: (app: Hono) => void): Promise<Room> {
  const recorder = createRecorder()
  const analytics = justanalytics({ client: recorder })
  const app = new Hono().use(analytics)
  routes(app)
  const sockets = new WebSocketServer({ noServer: true })
  const server = createAdaptorServer({
    fetch: app.fetch,
    websocket: { server: sockets as never },
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate()
    server.close()
  })
  return {
    recorder,
    sockets,
    async connect(path) {
      const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}${path}`)
      client.on('error', () => {})
      await once(client, 'open')
      return client
    },
    async leave(client, code = 1000) {
      const ends = [...sockets.clients].map(socket => once(socket, 'close'))
      client.close(code)
      await Promise.all(ends)
    },
    async close() {
      server.close()
      await analytics.close()
    },
  }
}

const short = (recorder: Recorder): unknown[] =>
  recorder.events.map(({ event, properties: { status_code, close_code } }) =>
    [event, status_code ?? close_code].filter(value => value !== undefined),
  )

const observed = observeWebSockets(upgradeWebSocket)

describe.each([
  ['observed', observed],
  ['as it is', upgradeWebSocket],
])('a WebSocket of upgradeWebSocket, %s', (_how, upgrade) => {
  it('is one request event with its 101, a connect and a disconnect that counts', async () => {
    const { recorder, connect, leave } = await open(app =>
      app.get(
        '/live/:room',
        upgrade(c => {
          c.var.analytics.setUser('user-7')
          return {
            onOpen: (_event, ws) => ws.send('welcome'),
            onMessage: (event, ws) => ws.send(`you said ${event.data}`),
          }
        }),
      ),
    )
    const client = await connect('/live/tea?token=hunter2')
    const answered = new Promise<void>(resolve =>
      client.on('message', data => /said/.test(String(data)) && resolve()),
    )
    client.send('hello')
    await answered
    await leave(client, 4001)
    expect(short(recorder)).toEqual([
      ['pageview', 101],
      ['websocket_connect'],
      ['websocket_disconnect', 4001],
    ])
    const [request, connected, disconnected] = recorder.events.map(event => event.properties)
    expect(request).toMatchObject({
      path: '/live/tea',
      route: '/live/:room',
      outcome: 'ok',
      user_id: 'user-7',
    })
    for (const told of [connected, disconnected]) {
      expect(told).toMatchObject({
        path: '/live/tea',
        route: '/live/:room',
        request_id: request?.request_id,
        user_id: 'user-7',
      })
    }
    expect(disconnected).toMatchObject({
      messages_in: 1,
      messages_out: 2,
      duration_ms: expect.any(Number),
    })
  })

  it('whose client is gone without a word has 1006', async () => {
    const { recorder, connect, sockets } = await open(app =>
      app.get(
        '/live',
        upgrade(() => ({})),
      ),
    )
    const client = await connect('/live')
    const ends = [...sockets.clients].map(socket => once(socket, 'close'))
    client.terminate()
    await Promise.all(ends)
    expect(recorder.named('websocket_disconnect')[0]?.properties.close_code).toBe(1006)
  })

  it('on a route that opts out is left out too', async () => {
    const { recorder, connect, leave } = await open(app =>
      app.get(
        '/live',
        route(false),
        upgrade(() => ({})),
      ),
    )
    await leave(await connect('/live'))
    expect(recorder.events).toEqual([])
  })

  it('without upgrading the route is any other', async () => {
    const recorder = createRecorder()
    const app = new Hono().use(justanalytics({ client: recorder })).get(
      '/live',
      upgrade(() => ({})),
      c => c.text('no socket'),
    )
    expect(await (await app.request('/live')).text()).toBe('no socket')
    expect(short(recorder)).toEqual([['pageview', 200]])
  })
})

describe('an upgrade that is refused', () => {
  it.each(['/nowhere', '/members', '/page'])('on %s is a request with that status alone', async path => {
    const { recorder, connect } = await open(app =>
      app.get('/members', c => c.text('who are you?', 401)).get('/page', c => c.html('<h1>a page</h1>')),
    )
    await expect(connect(path)).rejects.toThrow(/Unexpected server response/)
    const status_code = { '/nowhere': 404, '/members': 401, '/page': 200 }[path]
    expect(short(recorder)).toEqual([['pageview', status_code]])
  })

  it('by an error is a request with 500 and its exception', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const { recorder, connect } = await open(app =>
      app.get('/live', () => {
        throw new Error('boom')
      }),
    )
    await expect(connect('/live')).rejects.toThrow('500')
    expect(short(recorder)).toEqual([
      ['pageview', 500],
      ['exception', 500],
    ])
  })
})

describe('a handler of an observed WebSocket', () => {
  it.each(['onOpen', 'onMessage', 'onClose'] as const)(
    'that throws in %s is an exception of its socket',
    async name => {
      const error = new Error('boom')
      const seen: unknown[] = []
      const { recorder, connect, leave } = await open(app =>
        app.get(
          '/live',
          observed(
            () => ({
              [name]() {
                throw error
              },
            }),
            { onError: (thrown: unknown) => void seen.push(thrown) },
          ),
        ),
      )
      const client = await connect('/live')
      client.send('hello')
      await vi.waitUntil(() => name === 'onClose' || seen.length > 0)
      await leave(client)
      await vi.waitUntil(() => recorder.named('websocket_disconnect').length > 0)
      expect(seen).toEqual([error])
      const [exception, ...more] = recorder.named('exception')
      expect(more).toEqual([])
      expect(exception?.properties).toMatchObject({
        exception_message: 'boom',
        mechanism: 'request',
        path: '/live',
        request_id: recorder.events[0]?.properties.request_id,
      })
    },
  )

  it('that rejects is an exception, and the rejection goes on', async () => {
    const error = new Error('boom')
    const unhandled = new Promise(resolve => process.once('unhandledRejection', resolve))
    const { recorder, connect } = await open(app =>
      app.get(
        '/live',
        observed(() => ({
          async onMessage() {
            throw error
          },
        })),
      ),
    )
    ;(await connect('/live')).send('hello')
    expect(await unhandled).toBe(error)
    expect(recorder.named('exception')).toHaveLength(1)
  })

  it('is called on its own object, with a socket that does what Hono’s does', async () => {
    const seen: unknown[] = []
    const events = {
      greeting: 'hello',
      onOpen(this: { greeting: string }, _event: unknown, ws: { readyState: number; binaryType: string }) {
        ws.binaryType = 'blob'
        seen.push(this.greeting, ws.readyState, ws.binaryType)
      },
      onMessage(_event: unknown, ws: { close(code: number, reason: string): void }) {
        ws.close(4002, 'enough')
      },
    }
    const { connect } = await open(app => app.get('/live', c => observed(c, events as never)))
    const client = await connect('/live')
    const closed = once(client, 'close')
    client.send('hello')
    expect((await closed).map(String)).toEqual(['4002', 'enough'])
    expect(seen).toEqual(['hello', WebSocket.OPEN, 'blob'])
  })
})
