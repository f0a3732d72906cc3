import type { Telemetry } from 'bullmq'

/** An application's own telemetry, which keeps a log of what it is asked. */
export function ownTelemetry(metadata: (span: string) => string): { telemetry: Telemetry; log: string[] } {
  const log: string[] = []
  let active = 'root'
  const telemetry: Telemetry<string> = {
    tracer: {
      startSpan(name, options, context) {
        log.push(`start ${name} ${options?.kind} ${context}`)
        return {
          setSpanOnContext: context => `${context} > ${name}`,
          setAttribute: (key, value) => void log.push(`${name}: ${key} ${value}`),
          setAttributes: attributes => void log.push(`${name}: ${Object.keys(attributes)}`),
          addEvent: event => void log.push(`${name}: ${event}`),
          recordException: exception => void log.push(`${name}: ${exception}`),
          end: () => void log.push(`end ${name}`),
        }
      },
    },
    contextManager: {
      active: () => active,
      with(context, next) {
        const outer = active
        active = context
        try {
          return next()
        } finally {
          active = outer
        }
      },
      getMetadata: context => metadata(context),
      fromMetadata: (context, metadata) => `${context} from ${metadata}`,
    },
  }
  return { telemetry, log }
}
