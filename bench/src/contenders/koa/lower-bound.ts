import { serveKoa } from '../../apps/koa.js'
import type { Start } from '../../apps/running.js'
import { LowerBound } from '../../lower-bound.js'

export const start: Start = sink =>
  serveKoa(app => {
    const bound = new LowerBound(`${sink}/v1/events`, 'koa')
    app.use((context, next) => {
      const start = performance.now()
      context.res.once('finish', () => {
        const { path, method, headers, status } = context
        bound.add({ path, method, headers, start, status, route: undefined })
      })
      return next()
    })
    return bound
  })
