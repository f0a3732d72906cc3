import { routePath } from 'hono/route'
import { serveHono } from '../../apps/hono.js'
import type { Start } from '../../apps/running.js'
import { LowerBound } from '../../lower-bound.js'

export const start: Start = sink =>
  serveHono(app => {
    const bound = new LowerBound(`${sink}/v1/events`, 'hono')
    app.use(async (context, next) => {
      const start = performance.now()
      const { incoming, outgoing } = context.env
      outgoing.once('finish', () => {
        const { path, method } = context.req
        const { headers } = incoming
        bound.add({
          path,
          method,
          headers,
          start,
          status: outgoing.statusCode,
          route: routePath(context, -1),
        })
      })
      await next()
    })
    return bound
  })
