// A small server on Express or Fastify, with the SDK or without. What clients see of it, what its own error handling
// sees, and how it ends must not tell which.
import { Readable } from 'node:stream'

const { framework, options } = JSON.parse(process.argv[2])
const oops = Object.assign(new Error('no such order'), { code: 'ORDER' })
const say = line => console.log(line)

function* parts() {
  yield 'first,'
  yield 'second,'
  yield 'third'
}
const breaking = async function* () {
  yield 'first,'
  throw oops
}
/** What the application itself sees of an error. */
const seen = error => say(`${error === oops} ${Object.keys(error)} ${error.message}`)

const FRAMEWORKS = {
  async express() {
    const { default: express } = await import('express')
    const app = express()
    let close = () => {}
    if (options) {
      const { default: justanalytics } = await import('@justanalytics/express')
      const analytics = justanalytics(options)
      app.use(analytics)
      close = () => analytics.close()
    }
    app.use(express.json())
    app.get('/text', (_req, res) => res.send('hello'))
    app.get('/json', (_req, res) =>
      res
        .set({ 'X-B': '1', 'X-A': '2' })
        .cookie('a', 'b')
        .json({ a: [1, 2] }),
    )
    app.get('/large', (_req, res) => res.send('x'.repeat(1_000_000)))
    app.get('/empty', (_req, res) => res.status(204).end())
    app.get('/moved', (_req, res) => res.redirect(302, '/text'))
    app.get('/stream', (_req, res) => Readable.from(parts()).pipe(res))
    app.get('/broken', (_req, res) =>
      Readable.from(breaking())
        .on('error', error => res.destroy(error))
        .pipe(res),
    )
    app.get('/throw', () => {
      throw oops
    })
    app.get('/reject', async () => {
      throw oops
    })
    app.get('/unhandled', (_req, res) => {
      process.once('unhandledRejection', reason => say(`unhandled ${reason === oops}`))
      void Promise.reject(oops)
      setImmediate(() => res.send('sent'))
    })
    app.get('/teapot', () => {
      throw Object.assign(new Error('short and stout'), { status: 418 })
    })
    app.get('/cut', req => void req.socket.destroy())
    app.post('/echo', (req, res) => res.json(req.body))
    app.use((error, _req, _res, next) => {
      seen(error)
      next(error)
    })
    const server = app.listen(0, '127.0.0.1', () => say(`ready ${server.address().port}`))
    process.on('SIGTERM', () => server.close(() => close()))
  },

  async fastify() {
    const { default: fastify } = await import('fastify')
    const app = fastify({ forceCloseConnections: true })
    if (options) {
      const { default: justanalytics } = await import('@justanalytics/fastify')
      app.register(justanalytics, options)
    }
    app.get('/text', async () => 'hello')
    app.get('/json', async (_request, reply) => reply.headers({ 'X-B': '1', 'X-A': '2' }).send({ a: [1, 2] }))
    app.get('/large', async () => 'x'.repeat(1_000_000))
    app.get('/empty', async (_request, reply) => reply.code(204).send())
    app.get('/moved', async (_request, reply) => reply.redirect('/text'))
    app.get('/stream', async () => Readable.from(parts(), { objectMode: false }))
    app.get('/broken', async () => Readable.from(breaking(), { objectMode: false }))
    app.get('/throw', () => {
      throw oops
    })
    app.get('/reject', async () => {
      throw oops
    })
    app.get('/unhandled', (_request, reply) => {
      process.once('unhandledRejection', reason => say(`unhandled ${reason === oops}`))
      void Promise.reject(oops)
      setImmediate(() => reply.send('sent'))
    })
    app.get('/teapot', async () => {
      throw Object.assign(new Error('short and stout'), { statusCode: 418 })
    })
    app.get('/cut', (request, reply) => {
      reply.hijack()
      request.raw.socket.destroy()
    })
    app.post('/echo', async request => request.body)
    app.setErrorHandler((error, _request, reply) => {
      seen(error)
      reply.send(error)
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    say(`ready ${app.server.address().port}`)
    process.on('SIGTERM', () => app.close())
  },
}

await FRAMEWORKS[framework]()
