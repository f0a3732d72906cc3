import { once } from 'node:events'
import { createServer, request } from 'node:http'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { listen } from './backends.js'
import type { Fault } from './given.js'

/** Runs a fault as a request of a framework. */
type Serve = (faults: Record<string, Fault>) => Promise<(name: string, n: number) => Promise<void>>

/** What the error handling of a framework was told last. */
let thrown: { error: unknown } | undefined

export function keep(error: unknown): void {
  thrown ??= { error }
}

/** As the frameworks hand it on: what was thrown by a request. */
export async function throwOf(ask: () => Promise<unknown>): Promise<never> {
  thrown = undefined
  await ask()
  const { error } = thrown ?? { error: new Error('the request went well') }
  throw error
}

export async function get(port: number, path: string): Promise<void> {
  const [response] = await once(request({ host: '127.0.0.1', port, path, agent: false }).end(), 'response')
  await once(response.resume(), 'end')
}

export const onFastify: Serve = async faults => {
  const app = fastify()
  app.addHook('preHandler', async function authenticate(request) {
    if (request.query !== null) await null
  })
  app.setErrorHandler((error, _request, reply) => {
    keep(error)
    reply.code(500).send('failed')
  })
  for (const [name, fault] of Object.entries(faults))
    app.get<{ Params: { n: string } }>(`/${name}/:n`, async request => fault(Number(request.params.n)))
  return async (name, n) => void (await app.inject(`/${name}/${n}`))
}

export const onKoa: Serve = async faults => {
  const app = new Koa()
  app.use(async (_, next) => next().catch(keep))
  app.use(async function timing(ctx, next) {
    await next()
    ctx.set('x-time', '1')
  })
  app.use(async ctx => {
    const [, name = '', n] = ctx.path.split('/')
    ctx.body = await faults[name]?.(Number(n))
  })
  const port = await listen(createServer(app.callback()))
  return (name, n) => get(port, `/${name}/${n}`)
}

export const onExpress: Serve = async faults => {
  const app = express()
  app.use((_request, response, next) => {
    response.set('x-powered-by', 'desk')
    next()
  })
  for (const [name, fault] of Object.entries(faults)) {
    app.get(`/${name}/:n`, async (request, response) => {
      response.json(await fault(Number(request.params.n)))
    })
  }
  app.use(((error, _request, response, _next) => {
    keep(error)
    response.status(500).end()
  }) satisfies express.ErrorRequestHandler)
  const port = await listen(createServer(app))
  return (name, n) => get(port, `/${name}/${n}`)
}

export const onHono: Serve = async faults => {
  const app = new Hono()
  app.use('*', async (_, next) => {
    await next()
  })
  app.onError((error, c) => {
    keep(error)
    return c.text('failed', 500)
  })
  for (const [name, fault] of Object.entries(faults))
    app.get(`/${name}/:n`, async c => c.json((await fault(Number(c.req.param('n')))) as object))
  return async (name, n) => void (await app.request(`/${name}/${n}`))
}

/** As a queue's worker calls its processor. */
export const onQueue: Serve = async faults => async (name, n) => {
  try {
    await faults[name]?.(n)
  } catch (error) {
    keep(error)
  }
}
