import { Readable, Transform } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { describe, expect, it } from 'vitest'
import { serve, told } from './serve.js'

const home = (app: FastifyInstance): void => void app.get('/', async () => 'home')

describe('a hook registered before the plugin', () => {
  it.each<[string, (app: FastifyInstance) => void]>([
    [
      'at once',
      app => void app.addHook('onRequest', (_request, reply) => void reply.code(429).send('slow down')),
    ],
    [
      'later',
      app =>
        void app.addHook('onRequest', async (_request, reply) => {
          await new Promise(setImmediate)
          return reply.code(429).send('slow down')
        }),
    ],
    [
      'past the framework',
      app =>
        void app.addHook('onRequest', (_request, reply) => {
          reply.hijack()
          reply.raw.writeHead(429).end()
        }),
    ],
  ])('that answers %s: still one event', async (_how, before) => {
    const { app, recorder, url } = await serve({ before, after: home })
    expect((await fetch(url)).status).toBe(429)
    await app.close()
    expect(recorder.events).toHaveLength(1)
    expect(recorder.events[0]?.properties).toMatchObject({ path: '/', status_code: 429, outcome: 'ok' })
  })

  it('that throws: one event and its exception', async () => {
    const { app, recorder, url } = await serve({
      before: app =>
        void app.addHook('onRequest', async () => {
          throw new Error('no database')
        }),
      after: home,
    })
    await fetch(url)
    await app.close()
    expect(told(recorder)).toEqual(['pageview / 500 /', 'exception / no database'])
  })

  it('can already use request.analytics', async () => {
    const { app, recorder, url } = await serve({
      before: app => void app.addHook('onRequest', async request => request.analytics.setUser('early')),
      after: home,
    })
    await fetch(url)
    await app.close()
    expect(recorder.events).toHaveLength(1)
    expect(recorder.events[0]?.properties).toMatchObject({
      user_id: 'early',
      status_code: 200,
      outcome: 'ok',
    })
  })
})

describe('a hook registered before the plugin that takes its time', () => {
  it('is in the duration, and does not hide the request from callbacks', async () => {
    const { app, recorder, url } = await serve(
      {
        before: app =>
          void app.addHook('onRequest', async request => {
            await delay(40)
            Object.assign(request, { member: 'tea' })
          }),
        after: home,
      },
      { user: request => (request as unknown as { member: string }).member },
    )
    await fetch(url)
    await app.close()
    expect(told(recorder)).toEqual(['pageview / 200 /'])
    expect(recorder.events[0]?.properties.user_id).toBe('tea')
    expect(recorder.events[0]?.properties.duration_ms).toBeGreaterThanOrEqual(35)
  })
})

describe('an error', () => {
  const error = new Error('in the hook')
  const fail = async (): Promise<never> => {
    throw error
  }
  it.each(['onRequest', 'preParsing', 'preValidation', 'preHandler', 'preSerialization', 'onSend'] as const)(
    'in %s is an exception',
    async hook => {
      const { app, recorder, url } = await serve({
        after: app => {
          app.addHook(hook as 'onRequest', fail)
          app.get('/', async () => ({ ok: true }))
        },
      })
      expect((await fetch(url)).status).toBe(500)
      await app.close()
      expect(told(recorder)).toEqual(['pageview / 500 /', 'exception / in the hook'])
    },
  )

  it('of a response that does not fit its schema is an exception', async () => {
    const { app, recorder, url } = await serve({
      after: app => {
        const response = { 200: { type: 'object', required: ['id'], properties: { id: { type: 'number' } } } }
        app.get('/', { schema: { response } }, async () => ({}))
      },
    })
    expect((await fetch(url)).status).toBe(500)
    await app.close()
    expect(told(recorder)).toEqual(['pageview / 500 /', 'exception / "id" is required!'])
  })

  it('in a not-found handler is an exception without a route', async () => {
    const { app, recorder, url } = await serve({ after: app => void app.setNotFoundHandler(fail) })
    await fetch(`${url}/nowhere`)
    await app.close()
    expect(told(recorder)).toEqual(['pageview /nowhere 500 no route', 'exception /nowhere in the hook'])
  })

  it('that is sent with a 5xx is an exception', async () => {
    const { app, recorder, url } = await serve({
      after: app => void app.get('/', async (_request, reply) => reply.code(502).send(error)),
    })
    await fetch(url)
    await app.close()
    expect(told(recorder)).toEqual(['pageview / 502 /', 'exception / in the hook'])
  })

  it('of a handler that takes too long is an exception', async () => {
    const { app, recorder, url } = await serve({
      after: app => void app.get('/', { handlerTimeout: 20 }, () => new Promise(() => {})),
    })
    expect((await fetch(url)).status).toBe(503)
    await app.close()
    expect(told(recorder)[0]).toBe('pageview / 503 /')
    expect(told(recorder)[1]).toMatch(/^exception \/ .*timed? ?out/i)
  })
})

describe('a body that breaks', () => {
  async function* breaking(): AsyncGenerator<string> {
    yield 'some'
    await new Promise(setImmediate)
    throw new Error('disk gone')
  }
  const shout = (): Transform =>
    new Transform({ transform: (chunk, _, done) => done(null, String(chunk).toUpperCase()) })

  it.each<['before' | 'after']>([['before'], ['after']])(
    'is an exception where an onSend hook registered %s the plugin transforms it',
    async when => {
      const hook = (app: FastifyInstance): void =>
        void app.addHook('onSend', async (_request, _reply, payload) => {
          const source = payload as Readable
          const loud = source.pipe(shout())
          source.on('error', error => loud.destroy(error))
          return loud
        })
      const get = (app: FastifyInstance): void =>
        void app.get('/', async (_request, reply) => reply.send(Readable.from(breaking())))
      const { app, recorder, url } = await serve(
        when === 'before'
          ? { before: hook, after: get }
          : { after: app => void [hook, get].map(add => add(app)) },
      )
      await expect(fetch(url).then(answer => answer.text())).rejects.toThrow()
      await app.close()
      expect(told(recorder)).toEqual(['pageview / 200 /', 'exception / disk gone'])
      expect(recorder.events[0]?.properties.outcome).toBe('stream_error')
    },
  )

  it('is a stream_error without an exception where it is a web stream: its error is nowhere to be read', async () => {
    const { app, recorder, url } = await serve({
      after: app => void app.get('/', async (_request, reply) => reply.send(ReadableStream.from(breaking()))),
    })
    await expect(fetch(url).then(answer => answer.text())).rejects.toThrow()
    await app.close()
    expect(told(recorder)).toEqual(['pageview / 200 /'])
    expect(recorder.events[0]?.properties.outcome).toBe('stream_error')
  })
})
