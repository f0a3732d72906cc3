import { once } from 'node:events'
import websocket, { type WebSocket as ServerSocket } from '@fastify/websocket'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { route } from '../src/index.js'
import { type Served, serve } from './serve.js'

type Handler = (socket: ServerSocket, request: FastifyRequest) => void | Promise<void>

interface Room extends Served {
  connect(path: string): Promise<WebSocket>
  /** Makes the client leave, and resolves once the server knows of it. */
  leave(client: WebSocket, code?: number): Promise<void>
}

async function open(routes: (app: FastifyInstance) => void, order = 'before'): Promise<Room> {
  const plugin = (app: FastifyInstance): void => void app.register(websocket)
  const served = await serve({
    ...(order === 'after' && { before: plugin }),
    after(app) {
      if (order === 'before') plugin(app)
      app.register(async child => routes(child))
    },
  })
  return {
    ...served,
    async connect(path) {
      const client = new WebSocket(served.url.replace('http', 'ws') + path)
      client.on('error', () => {})
      await once(client, 'open')
      return client
    },
    async leave(client, code = 1000) {
      const ends = [...served.app.websocketServer.clients].map(socket => once(socket, 'close'))
      client.close(code)
      await Promise.all(ends)
    },
  }
}

const echo: Handler = socket => void socket.on('message', data => socket.send(`you said ${data}`))

describe.each(['before', 'after'])('a WebSocket with the adapter %s @fastify/websocket', order => {
  it('is one request event with its 101, a connect and a disconnect that counts', async () => {
    const { app, recorder, connect, leave } = await open(child => {
      child.get('/live/:room', { websocket: true }, (socket, request) => {
        request.analytics.setUser('user-7')
        echo(socket, request)
      })
    }, order)
    const client = await connect('/live/tea?token=hunter2')
    const answered = once(client, 'message')
    client.send('hello')
    await answered
    await leave(client, 4001)
    await app.close()
    expect(recorder.events.map(event => event.event)).toEqual([
      'pageview',
      'websocket_connect',
      'websocket_disconnect',
    ])
    const { request_id } = recorder.events[0]?.properties ?? {}
    expect(recorder.events[0]?.properties).toMatchObject({
      path: '/live/tea',
      route: '/live/:room',
      status_code: 101,
      outcome: 'ok',
    })
    expect(recorder.events[2]?.properties).toMatchObject({
      path: '/live/tea',
      route: '/live/:room',
      request_id,
      user_id: 'user-7',
      close_code: 4001,
      messages_in: 1,
      messages_out: 1,
    })
  })

  it('on a route without a socket handler is closed again by Fastify', async () => {
    const { app, recorder, connect } = await open(child => void child.get('/page', async () => ''), order)
    const client = await connect('/page')
    if (client.readyState !== client.CLOSED) await once(client, 'close')
    await app.close()
    expect(recorder.events.map(event => [event.event, event.properties.status_code])).toEqual([
      ['pageview', 101],
      ['websocket_connect', undefined],
      ['websocket_disconnect', undefined],
    ])
  })

  it('refused by a hook is a request with that status alone', async () => {
    const { app, recorder, url } = await open(child => {
      child.addHook('preValidation', async (_request, reply) => reply.code(401).send('who are you?'))
      child.get('/live', { websocket: true }, echo)
    }, order)
    const client = new WebSocket(`${url.replace('http', 'ws')}/live`)
    await once(client, 'error')
    await app.close()
    expect(recorder.events.map(event => [event.event, event.properties.status_code])).toEqual([
      ['pageview', 401],
    ])
  })

  it('still open when the application closes is told to its end', async () => {
    const { app, recorder, connect } = await open(
      child => void child.get('/live', { websocket: true }, echo),
      order,
    )
    const client = await connect('/live')
    const gone = once(client, 'close')
    await app.close()
    await gone
    expect(recorder.named('websocket_disconnect')).toHaveLength(1)
  })
})

describe('a handler of a WebSocket', () => {
  const failing: Record<string, Handler> = {
    throws: () => {
      throw new Error('boom')
    },
    rejects: async () => {
      await new Promise(setImmediate)
      throw new Error('boom')
    },
  }

  it.each(Object.entries(failing))('that %s is an exception of its socket', async (_how, handler) => {
    const { app, recorder, connect } = await open(child => {
      child.get('/handler', { websocket: true }, handler)
      child.route({ method: 'GET', url: '/ws-handler', handler: async () => 'page', wsHandler: handler })
    })
    for (const path of ['/handler', '/ws-handler']) {
      const client = await connect(path)
      if (client.readyState !== client.CLOSED) await once(client, 'close')
    }
    await app.close()
    const exceptions = recorder.named('exception').map(event => event.properties)
    expect(exceptions).toEqual(
      ['/handler', '/ws-handler'].map(path =>
        expect.objectContaining({ path, route: path, exception_message: 'boom', mechanism: 'request' }),
      ),
    )
    const ends = recorder.named('websocket_disconnect').map(event => event.properties)
    expect(ends.map(end => [end.close_code, end.request_id])).toEqual(
      exceptions.map(({ request_id }) => [1006, request_id]),
    )
  })

  it('beside one for requests leaves those as they are', async () => {
    const { app, recorder, url } = await open(
      child =>
        void child.route({ method: 'GET', url: '/both', handler: async () => 'page', wsHandler: echo }),
    )
    expect(await (await fetch(`${url}/both`)).text()).toBe('page')
    await app.close()
    expect(recorder.events.map(event => event.event)).toEqual(['pageview'])
  })

  it('of a route that opts out has no events', async () => {
    const { app, recorder, connect, leave } = await open(
      child => void child.get('/live', { websocket: true, ...route(false) }, echo),
    )
    await leave(await connect('/live'))
    await app.close()
    expect(recorder.events).toEqual([])
  })
})
