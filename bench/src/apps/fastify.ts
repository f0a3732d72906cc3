import fastify, { type FastifyInstance } from 'fastify'
import { ANSWER, type Reporter, type Running } from './running.js'

type Extend = (app: FastifyInstance) => Reporter | undefined | Promise<Reporter | undefined>

/** Serves the one route with Fastify; `extend` is where a reporter goes in, before the route. */
export async function serveFastify(extend?: Extend): Promise<Running> {
  const app = fastify()
  const reporter = await extend?.(app)
  if (reporter?.close) app.addHook('onClose', () => reporter.close?.())
  app.get('/users/:id', async () => ANSWER)
  await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    server: app.server,
    flush: async () => reporter?.flush?.(),
    close: () => app.close(),
  }
}
