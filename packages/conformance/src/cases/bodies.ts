import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { type Case, only, play } from '../play.js'

/** Responses that take their time: the event waits for their end. */
export const bodies: readonly Case[] = [
  ...(['/stream', '/events'] as const).map(
    (path): Case => ({
      name: `${path === '/events' ? 'server-sent events' : 'a stream'}: one event at its end, with the time it took`,
      async run(subject) {
        const pause = 60
        let took = 0
        const told = await play(subject, {}, async ({ connect, stage }) => {
          const client = await connect()
          const start = performance.now()
          client.send(path, 'Connection: close\r\n')
          await client.until('first')
          // A measured time needs time to pass.
          await delay(pause)
          stage.open()
          expect(await client.toTheEnd()).toContain('last')
          took = performance.now() - start
        })
        const { duration_ms: duration, ...rest } = only(told.events).properties
        expect(rest).toMatchObject({ path, route: path, status_code: 200, outcome: 'ok' })
        expect(duration).toBeGreaterThanOrEqual(pause - 5)
        expect(duration).toBeLessThanOrEqual(took)
      },
    }),
  ),
  {
    name: 'a stream under way has no event yet',
    async run(subject) {
      const told = await play(subject, {}, async ({ connect, ask, sink, stage }) => {
        const client = await connect()
        client.send('/stream', 'Connection: close\r\n')
        await client.until('first')
        await ask('/page')
        await sink.until(events => events.length > 0)
        expect(only(sink.events).properties.path).toBe('/page')
        stage.open()
        await client.toTheEnd()
      })
      expect(told.requests.map(request => request.path)).toEqual(['/page', '/stream'])
    },
  },
  ...(['/stream/broken', '/events/broken'] as const).map(
    (path): Case => ({
      name: `${path === '/events/broken' ? 'server-sent events that break' : 'a stream that breaks'} in the body: stream_error, the status sent, and an exception`,
      async run(subject) {
        const told = await play(subject, {}, async ({ connect, stage }) => {
          const client = await connect()
          client.send(path)
          await client.until('first')
          stage.open()
          await client.toTheEnd()
        })
        const request = only(told.requests)
        expect(request).toMatchObject({ status_code: 200, outcome: 'stream_error', route: path })
        expect(only(told.exceptions)).toMatchObject({
          exception_message: 'the shelf is empty',
          request_id: request.request_id,
        })
      },
    }),
  ),
  {
    name: 'HEAD on a stream: one event',
    async run(subject) {
      const told = await play(subject, {}, async ({ ask, stage }) => {
        stage.open()
        expect((await ask('/stream', { method: 'HEAD' })).body).toBe('')
      })
      expect(only(told.events).properties).toMatchObject({
        path: '/stream',
        method: 'HEAD',
        status_code: 200,
        outcome: 'ok',
      })
    },
  },
  {
    name: 'a stream that breaks before its first byte: one exception, and the status the client saw, if any',
    async run(subject) {
      let answer = ''
      const told = await play(subject, {}, async ({ connect }) => {
        const client = await connect()
        client.send('/stream/stillborn', 'Connection: close\r\n')
        answer = await client.toTheEnd()
      })
      expect(only(told.requests).status_code).toBe(answer === '' ? null : Number(answer.split(' ')[1]))
      expect(only(told.requests).outcome).not.toBe('client_abort')
      expect(only(told.exceptions)).toMatchObject({ exception_message: 'the shelf is empty' })
    },
  },
  {
    name: 'a response taken over by hand: one event with the status that was sent',
    async run(subject) {
      const told = await play(subject, {}, async ({ ask }) => {
        expect(await ask('/hijacked')).toMatchObject({ status: 202, body: 'by hand' })
      })
      expect(only(told.events).properties).toMatchObject({
        status_code: 202,
        outcome: 'ok',
        route: '/hijacked',
      })
    },
  },
]
