import type { Start } from '../../apps/running.js'
import { startOpenTelemetry } from '../opentelemetry.js'

export const start: Start = async sink => {
  const provider = startOpenTelemetry(sink)
  const { FastifyOtelInstrumentation } = await import('@fastify/otel')
  const { serveFastify } = await import('../../apps/fastify.js')
  const instrumentation = new FastifyOtelInstrumentation()
  instrumentation.setTracerProvider(provider)
  return serveFastify(async app => {
    await app.register(instrumentation.plugin())
    return { close: () => provider.shutdown() }
  })
}
