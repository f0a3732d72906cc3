import justanalytics from '@justanalytics/fastify'
import { serveFastify } from '../../apps/fastify.js'
import type { Start } from '../../apps/running.js'
import { ourOptions } from '../our-options.js'

export const start: Start = sink => serveFastify(app => app.register(justanalytics, ourOptions(sink)))
