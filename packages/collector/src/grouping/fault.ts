import type { AnalyticsEvent } from '@justanalytics/core/event'
import { type Frame, parseFrames } from './frames.js'

/** One error as grouping sees it. */
export interface Thrown {
  type: string
  message: string
  /** The innermost first. */
  frames: readonly Frame[]
}

/** What one `exception` or `task_failed` event tells of a fault. */
export interface Fault extends Thrown {
  site: string
  /** In reading order. */
  causes: readonly Thrown[]
  code: string
  syscall: string
  /** The route it happened on, or the task's name. */
  place: string
  /** The application's own idea of what belongs together; empty without one. */
  fingerprint: readonly string[]
}

const MOST_CAUSES = 10
const MOST_PARTS = 20
const LONGEST_PART = 1000

export function isFault(event: AnalyticsEvent): boolean {
  return event.event === 'exception' || event.event === 'task_failed'
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
}

function readThrown(facts: Record<string, unknown>): Thrown {
  return {
    type: text(facts.exception_type) || 'Error',
    message: text(facts.exception_message),
    frames: parseFrames(text(facts.traceback)),
  }
}

function readFingerprint(value: unknown): string[] {
  const parts: unknown[] = Array.isArray(value) ? value.slice(0, MOST_PARTS) : [value]
  return parts.map(part => text(part).slice(0, LONGEST_PART)).filter(part => part !== '')
}

/** Reads an event of any sender: what is not of the right kind counts as unknown. */
export function readFault({ site_id, properties }: AnalyticsEvent): Fault {
  const causes: unknown[] = Array.isArray(properties.causes) ? properties.causes.slice(0, MOST_CAUSES) : []
  return {
    ...readThrown(properties),
    site: site_id,
    causes: causes.flatMap(cause =>
      typeof cause === 'object' && cause !== null ? [readThrown(cause as Record<string, unknown>)] : [],
    ),
    code: text(properties.code),
    syscall: text(properties.syscall),
    place: text(properties.task_name) || text(properties.route),
    fingerprint: readFingerprint(properties.fingerprint),
  }
}
