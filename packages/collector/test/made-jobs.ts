import { randomUUID } from 'node:crypto'
import { SITE } from './helpers.js'

export type Made = { event_id: string; event: string; timestamp: string; properties: Record<string, unknown> }

/** One event at a time of the day that these stories play on. */
export function made(event: string, time: string, properties: object, site = SITE): Made {
  return {
    site_id: site,
    event,
    event_id: randomUUID(),
    timestamp: `2024-09-01T${time}Z`,
    properties: { ...properties },
  } as Made
}

/** An attempt that went well. */
export function done(time: string, properties: object, site?: string): Made {
  return made('task_completed', time, { state: 'completed', duration_ms: 20.5, ...properties }, site)
}

/** One that did not, and after which another follows unless said. */
export function failed(time: string, properties: object, site?: string): Made {
  const error = {
    exception_type: 'TypeError',
    exception_message: 'no name',
    traceback: `TypeError at ${time}`,
  }
  return made(
    'task_failed',
    time,
    { duration_ms: 30.25, ...error, final: false, reason: 'error', ...properties },
    site,
  )
}

/** The one after which no other follows. */
export function exhausted(time: string, properties: object, site?: string): Made {
  return failed(time, { final: true, reason: 'exhausted', ...properties }, site)
}
