import { serveFastify } from '../../apps/fastify.js'
import type { Start } from '../../apps/running.js'

export const start: Start = () => serveFastify()
