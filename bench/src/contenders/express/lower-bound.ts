import { serveExpress } from '../../apps/express.js'
import type { Start } from '../../apps/running.js'
import { LowerBound } from '../../lower-bound.js'

export const start: Start = sink =>
  serveExpress(app => {
    const bound = new LowerBound(`${sink}/v1/events`, 'express')
    app.use((request, response, next) => {
      const start = performance.now()
      response.once('finish', () => {
        const { path, method, headers, route } = request
        bound.add({ path, method, headers, start, status: response.statusCode, route: route?.path })
      })
      next()
    })
    return bound
  })
