import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRecorder } from '@justanalytics/core/testing'
import express from 'express'
import { expect, it } from 'vitest'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import justanalytics from '../src/index.js'
import { observeWebSockets } from '../src/ws.js'

it('a WebSocket beside an Express application is one request event, a connect and a disconnect', async () => {
  const recorder = createRecorder()
  const analytics = justanalytics({ client: recorder })
  const app = express()
  app.use(analytics).get('/page', (_req, res) => void res.send('page'))
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sockets = new WebSocketServer({ server })
  const observe = observeWebSockets(sockets, { client: analytics.client })
  sockets.on(
    'connection',
    observe(socket => void socket.on('message', (data: RawData) => socket.send(String(data)))),
  )

  const origin = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = new WebSocket(`ws://${origin}/live`)
  await once(client, 'open')
  client.send('tea')
  await once(client, 'message')
  const [socket] = sockets.clients
  const gone = once(socket as WebSocket, 'close')
  client.close(1000)
  await gone
  await fetch(`http://${origin}/page`)
  server.close()
  server.closeIdleConnections()
  await once(server, 'close')
  await analytics.close()

  expect(recorder.events.map(({ event, properties }) => [event, properties.path])).toEqual([
    ['pageview', '/live'],
    ['websocket_connect', '/live'],
    ['websocket_disconnect', '/live'],
    ['pageview', '/page'],
  ])
  expect(recorder.events[0]?.properties).toMatchObject({ status_code: 101, outcome: 'ok' })
  expect(recorder.events[2]?.properties).toMatchObject({ close_code: 1000, messages_in: 1, messages_out: 1 })
})
