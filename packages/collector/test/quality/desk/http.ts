import { createServer } from 'node:http'
import express from 'express'
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import Koa, { type Context } from 'koa'
import { listen } from './backends.js'
import { type Fault, given } from './given.js'
import { get, keep, throwOf } from './serve.js'

interface Account {
  id: string
  plan: { seats: number }
}

class Accounts {
  readonly found: Account[] = []

  // Loses its `this` where it is handed on by itself.
  async list(): Promise<Account[]> {
    return this.found.filter(({ plan }) => plan.seats > 1)
  }
}

class PaymentRequired extends Error {
  readonly invoice: number

  constructor(invoice: number) {
    super(`Invoice ${invoice} was not paid`)
    this.name = this.constructor.name
    this.invoice = invoice
  }
}

async function authenticate(request: FastifyRequest): Promise<void> {
  const [, token] = given<string>(request.headers.authorization).split(' ')
  if (!token) throw new Error('no token')
}

async function showAccount(request: FastifyRequest): Promise<number> {
  const { account } = given<{ account: Account }>(request)
  return account.plan.seats
}

async function invoice(_: FastifyRequest, reply: FastifyReply): Promise<string> {
  reply.code(9000)
  return 'paid'
}

async function fastifyApp() {
  const app = fastify()
  app.setErrorHandler((error, _, reply) => {
    keep(error)
    reply.code(500).send('failed')
  })
  app.get('/me/:n', { preHandler: authenticate }, async () => 'me')
  app.get('/account/:n', showAccount)
  app.get('/invoice/:n', invoice)
  const seats = { type: 'object', required: ['seats'], properties: { seats: { type: 'integer' } } }
  app.get('/seats/:n', { schema: { response: { 200: seats } } }, async () => ({ plan: 'team' }))
  await app.ready()
  return (path: string) => app.inject(path)
}

function checkPaid(request: express.Request, _: express.Response, next: express.NextFunction): void {
  setImmediate(() => next(new PaymentRequired(Number(request.params.n))))
}

async function expressApp() {
  const app = express()
  const accounts = new Accounts()
  const { list } = accounts
  app.get('/accounts/:n', async (_, response) => {
    response.json(await list())
  })
  app.get('/download/:n', checkPaid, (_, response) => void response.send('file'))
  app.get('/welcome/:n', (_, response) => response.render('welcome'))
  app.get('/header/:n', (request, response) => {
    response.setHeader('x-note', `note ${request.params.n}\n`).end()
  })
  app.use(((error, _request, response, _next) => {
    keep(error)
    response.status(500).end()
  }) satisfies express.ErrorRequestHandler)
  const port = await listen(createServer(app))
  return (path: string) => get(port, path)
}

async function planOf(ctx: Context): Promise<void> {
  const {
    tenant: { plan },
  } = ctx.state
  ctx.body = plan
}

async function printer(ctx: Context): Promise<void> {
  ctx.throw(500, `printer ${ctx.query.n} does not answer`)
}

async function loop(ctx: Context): Promise<void> {
  const account: Record<string, unknown> = { n: ctx.query.n }
  ctx.body = Object.assign(account, { account })
}

async function koaApp() {
  const app = new Koa()
  app.on('error', keep)
  app.silent = true
  const handlers: Record<string, Koa.Middleware> = { '/plan': planOf, '/printer': printer, '/loop': loop }
  app.use(ctx => handlers[ctx.path]?.(ctx, async () => {}))
  const port = await listen(createServer(app.callback()))
  return (path: string) => get(port, path.replace(/\/(\d+)$/, '?n=$1'))
}

async function honoApp() {
  const app = new Hono<{ Variables: { user: { email: string } } }>()
  app.onError((error, c) => {
    keep(error)
    return c.text('failed', 500)
  })
  app.get('/body/:n', async c => {
    const request = new Request('http://desk', { method: 'POST', body: `{"n": ${c.req.param('n')},` })
    return c.json(await request.json())
  })
  app.get('/mine/:n', c => c.text(c.get('user').email.toLowerCase()))
  app.get('/upstream/:n', c => {
    const cause = new Error(`shard ${c.req.param('n')} is read-only`)
    throw new HTTPException(503, { message: 'try again later', cause })
  })
  return (path: string) => app.request(path)
}

function through(open: () => Promise<(path: string) => unknown>, ...paths: string[]): Record<string, Fault> {
  let opened: ReturnType<typeof open> | undefined
  const ask = async (path: string) => {
    opened ??= open()
    await (await opened)(path)
  }
  return Object.fromEntries(paths.map(path => [path, n => throwOf(() => ask(`${path}/${n}`))]))
}

export const httpFaults: Record<string, Fault> = {
  ...through(fastifyApp, '/me', '/account', '/invoice', '/seats'),
  ...through(expressApp, '/accounts', '/download', '/welcome', '/header'),
  ...through(koaApp, '/plan', '/printer', '/loop'),
  ...through(honoApp, '/body', '/mine', '/upstream'),
}
