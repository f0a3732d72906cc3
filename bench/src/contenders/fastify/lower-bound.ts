import { serveFastify } from '../../apps/fastify.js'
import type { Start } from '../../apps/running.js'
import { LowerBound } from '../../lower-bound.js'

export const start: Start = sink =>
  serveFastify(app => {
    const bound = new LowerBound(`${sink}/v1/events`, 'fastify')
    app.addHook('onResponse', (request, reply, done) => {
      const { url: path, method, headers, routeOptions } = request
      const start = performance.now() - reply.elapsedTime
      bound.add({ path, method, headers, start, route: routeOptions.url, status: reply.statusCode })
      done()
    })
    return bound
  })
