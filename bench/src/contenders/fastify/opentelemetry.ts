import type { Start } from '../../apps/running.js'
import { startOpenTelemetry } from '../opentelemetry.js'

export const start: Start = async sink => {
  const provider = startOpenTelemetry(sink)
  const { serveFastify } = await import('../../apps/fastify.js')
  return serveFastify(() => ({ close: () => provider.shutdown() }))
}
