import { serveFastify } from '../../apps/fastify.js'
import type { Start } from '../../apps/running.js'
import { postOne } from '../post-one.js'

/** The origin's middleware, except that nobody waits for the event. */
export const start: Start = sink =>
  serveFastify(app => {
    app.addHook('onResponse', (request, reply, done) => {
      void postOne(sink, request, reply)
      done()
    })
    return undefined
  })
