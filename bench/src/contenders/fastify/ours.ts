import justanalytics from '@justanalytics/fastify'
import { serveFastify } from '../../apps/fastify.js'
import type { Start } from '../../apps/running.js'
import { ourOptions } from '../our-options.js'

export const start: Start = sink =>
  serveFastify(async app => {
    await app.register(justanalytics, ourOptions(sink))
    return { flush: () => app.analytics.flush() }
  })
