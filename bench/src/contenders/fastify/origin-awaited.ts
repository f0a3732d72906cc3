import { serveFastify } from '../../apps/fastify.js'
import type { Start } from '../../apps/running.js'
import { postOne } from '../post-one.js'

/** The origin's middleware: the answer waits for its event. */
export const start: Start = sink =>
  serveFastify(app => {
    app.addHook('onSend', async (request, reply) => {
      await postOne(sink, request, reply)
    })
    return undefined
  })
