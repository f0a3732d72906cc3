import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { startProgram } from '@justanalytics/conformance'
import type { AnalyticsEvent } from '@justanalytics/core'
import { describe, expect, it } from 'vitest'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import { observeWebSockets, type WebSocketOptions } from '../src/ws.js'
import { type Served, serve } from './serve.js'

type Connected = (socket: WebSocket, request: IncomingMessage) => unknown

interface Room extends Served {
  sockets: WebSocketServer
  /** Resolves once the server, too, knows of the end of the last socket it has. */
  emptied(): Promise<void>
  connect(path?: string): Promise<WebSocket>
}

/** A Koa application with a WebSocket server beside it. */
async function open(connected: Connected, options: WebSocketOptions = {}, path?: string): Promise<Room> {
  const served = await serve(app => void app.use(ctx => ctx.throw(404)))
  const sockets = new WebSocketServer({ server: served.server, ...(path !== undefined && { path }) })
  const observe = observeWebSockets(sockets, { client: served.analytics.client, ...options })
  sockets.on('connection', observe(connected))
  return {
    ...served,
    sockets,
    emptied: async () => {
      for (const socket of sockets.clients) await once(socket, 'close')
    },
    async connect(path = '/live') {
      const client = new WebSocket(served.url.replace('http', 'ws') + path)
      client.on('error', () => {})
      await once(client, 'open')
      return client
    },
  }
}

const echo: Connected = socket => {
  socket.on('message', (data: RawData) => socket.send(`you said ${data}`))
}

describe('a WebSocket', () => {
  it('is one request event, a connect and a disconnect that counts', async () => {
    const { recorder, connect, emptied } = await open((socket, request) => {
      echo(socket, request)
      socket.send('welcome')
    })
    const client = await connect('/live?token=hunter2')
    for (const word of ['tea', 'coffee']) {
      const answered = once(client, 'message')
      client.send(word)
      await answered
    }
    const gone = emptied()
    client.close(4001, 'enough')
    await gone
    const [request, connected, disconnected] = recorder.events
    expect(recorder.events.map(event => event.event)).toEqual([
      'pageview',
      'websocket_connect',
      'websocket_disconnect',
    ])
    expect(request?.properties).toMatchObject({
      path: '/live',
      method: 'GET',
      status_code: 101,
      outcome: 'ok',
      navigation: false,
      sdk: expect.stringMatching(/^ws\//),
    })
    const { request_id, visitor_id } = request?.properties ?? {}
    expect(visitor_id).toMatch(/^\S{8,}$/)
    expect(connected?.properties).toMatchObject({ path: '/live', request_id, visitor_id })
    expect(disconnected?.properties).toMatchObject({
      path: '/live',
      request_id,
      visitor_id,
      close_code: 4001,
      duration_ms: expect.any(Number),
      messages_in: 2,
      messages_out: 3,
    })
    expect(JSON.stringify(recorder.events)).not.toContain('hunter2')
  })

  it('that is lost ends with 1006', async () => {
    const { recorder, connect, emptied } = await open(echo)
    const client = await connect()
    const gone = emptied()
    client.terminate()
    await gone
    expect(recorder.named('websocket_disconnect')[0]?.properties).toMatchObject({
      close_code: 1006,
      messages_in: 0,
      messages_out: 0,
    })
  })

  it('counts what is sent to it from elsewhere', async () => {
    const { recorder, sockets, connect, emptied } = await open(() => {})
    const clients = await Promise.all([connect(), connect()])
    const heard = clients.map(client => once(client, 'message'))
    for (const socket of sockets.clients) socket.send('to all')
    await Promise.all(heard)
    const gone = emptied()
    for (const client of clients) client.close()
    await gone
    const sent = recorder.named('websocket_disconnect').map(event => event.properties.messages_out)
    expect(sent).toEqual([1, 1])
  })

  it('has its server’s path as its route, and its user', async () => {
    const { recorder, connect, emptied } = await open(
      echo,
      { user: request => request.headers['x-user'] as string, api: '/rooms' },
      '/rooms',
    )
    const client = await connect('/rooms')
    const gone = emptied()
    client.close()
    await gone
    expect(recorder.events.map(event => [event.event, event.properties.route])).toEqual([
      ['api_request', '/rooms'],
      ['websocket_connect', '/rooms'],
      ['websocket_disconnect', '/rooms'],
    ])
  })

  it('that is ignored has no events', async () => {
    const { recorder, connect, emptied } = await open(echo, { ignore: '/live' })
    const client = await connect()
    const gone = emptied()
    client.close()
    await gone
    expect(recorder.events).toEqual([])
  })

  it('is left alone by a disabled client', async () => {
    const sockets = new WebSocketServer({ noServer: true })
    const { WebSocket: before } = sockets.options
    const observe = observeWebSockets(sockets, { apiKey: '', logger: { warn() {} } })
    expect(observe(echo)).toBe(echo)
    expect(sockets.options.WebSocket).toBe(before)
    expect(observe.client.enabled).toBe(false)
    expect(await observe.close()).toBe(true)
  })

  it('refused in its handshake never reaches the application: no event', async () => {
    const { recorder, url } = await open(echo, {}, '/rooms')
    const client = new WebSocket(`${url.replace('http', 'ws')}/elsewhere`)
    const [error] = (await once(client, 'error')) as [Error]
    expect(error.message).toContain('400')
    expect(recorder.events).toEqual([])
  })

  it('leaves the requests beside it as they are', async () => {
    const { recorder, url, close } = await open(echo)
    expect((await fetch(url)).status).toBe(404)
    await close()
    expect(recorder.events.map(event => [event.event, event.properties.status_code])).toEqual([
      ['pageview', 404],
    ])
  })
})

describe('a handler that throws', () => {
  it.each([
    ['when a socket connects', '/throws', [], ['websocket_disconnect']],
    ['after an await', '/rejects', [], ['websocket_disconnect']],
    // Once a message was not taken, `ws` takes nothing more of this socket, not even its end.
    ['at a message', '/message', ['boom'], []],
  ] as const)(
    '%s is an exception of its socket, and the process hears of it as ever',
    {
      timeout: 30_000,
    },
    async (_when, path, messages, end) => {
      const { url, sink, stop } = await startProgram(join(import.meta.dirname, 'fixtures/sockets.mjs'))
      const client = new WebSocket(url.replace('http', 'ws') + path)
      await once(client, 'open')
      for (const message of messages) client.send(message)
      await once(client, 'message')
      client.terminate()
      const expected = ['exception', 'pageview', 'websocket_connect', ...end]
      await sink.until(events => events.length >= expected.length)
      await stop()
      const named = (name: string): AnalyticsEvent[] => sink.events.filter(event => event.event === name)
      const { request_id } = named('pageview')[0]?.properties ?? {}
      expect(named('exception').map(event => event.properties)).toEqual([
        expect.objectContaining({ path, request_id, exception_message: 'boom', mechanism: 'request' }),
      ])
      expect(sink.events.map(event => event.event).sort()).toEqual(expected.sort())
      expect(sink.problems).toEqual([])
    },
  )
})
