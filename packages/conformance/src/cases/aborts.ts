import { expect } from 'vitest'
import { type Case, only, play } from '../play.js'

const ways = [
  ['closes', 'close'],
  ['resets', 'reset'],
] as const

/** Clients that leave: neither the application's fault nor an answer. */
export const aborts: readonly Case[] = [
  ...ways.map(
    ([verb, how]): Case => ({
      name: `a client that ${verb} before a header: client_abort, no status, no exception`,
      async run(subject) {
        const told = await play(subject, {}, async ({ connect, stage, sink }) => {
          const client = await connect()
          client.send('/slow')
          await stage.arrived()
          client.leave(how)
          await sink.until(events => events.length > 0)
        })
        expect(only(told.events).properties).toMatchObject({
          path: '/slow',
          route: '/slow',
          status_code: null,
          outcome: 'client_abort',
        })
      },
    }),
  ),
  ...(['/stream', '/events'] as const).flatMap(path =>
    ways.map(
      ([verb, how]): Case => ({
        name: `a client that ${verb} during ${path === '/events' ? 'server-sent events' : 'a stream'}: client_abort, the status sent, no exception`,
        async run(subject) {
          const told = await play(subject, {}, async ({ connect, sink }) => {
            const client = await connect()
            client.send(path)
            await client.until('first')
            client.leave(how)
            await sink.until(events => events.length > 0)
          })
          expect(only(told.events).properties).toMatchObject({
            path,
            status_code: 200,
            outcome: 'client_abort',
          })
        },
      }),
    ),
  ),
  {
    name: 'a client that leaves during its upload: client_abort, no exception',
    async run(subject) {
      const told = await play(subject, {}, async ({ connect, sink }) => {
        const client = await connect()
        const head = 'Content-Type: application/octet-stream\r\nContent-Length: 1000\r\nExpect: 100-continue'
        client.write(`POST /upload HTTP/1.1\r\nHost: x\r\n${head}\r\n\r\n`)
        await client.until('100 Continue')
        client.write('some')
        client.leave()
        await sink.until(events => events.length > 0)
      })
      expect(only(told.events).properties).toMatchObject({
        path: '/upload',
        method: 'POST',
        outcome: 'client_abort',
      })
    },
  },
  {
    name: 'a handler that throws after its client has left: one client_abort event',
    async run(subject) {
      const told = await play(subject, {}, async ({ connect, ask, sink, stage }) => {
        const client = await connect()
        client.send('/slow-throws')
        await stage.arrived()
        client.leave()
        await sink.until(events => events.length > 0)
        stage.open()
        await ask('/page')
      })
      expect(told.requests.map(request => request.outcome)).toEqual(['client_abort', 'ok'])
      expect(told.requests[0]).toMatchObject({ path: '/slow-throws', status_code: null })
    },
  },
  {
    name: 'a client that leaves behind pipelined requests: every one of them has its event',
    async run(subject) {
      const told = await play(subject, {}, async ({ connect, stage, sink }) => {
        const client = await connect()
        client.send('/slow?1')
        client.send('/slow?2')
        client.send('/slow?3')
        await stage.arrived(3)
        client.leave('reset')
        await sink.until(events => events.length >= 3)
      })
      expect(told.events).toHaveLength(3)
      for (const request of told.requests) {
        expect(request).toMatchObject({ path: '/slow', status_code: null, outcome: 'client_abort' })
      }
    },
  },
]
