import type { AddressInfo } from 'node:net'
import fastify, { type FastifyInstance } from 'fastify'
import { ANSWER, type Running } from './running.js'

/** Serves the one route with Fastify; `extend` is where a reporter goes in, before the route. */
export async function serveFastify(extend?: (app: FastifyInstance) => unknown): Promise<Running> {
  const app = fastify()
  await extend?.(app)
  app.get('/users/:id', async () => ANSWER)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  return { port, close: () => app.close() }
}
