import { brief } from '../text/hostile.js'
import type { StoredEvent } from './answers.js'
import type { Attempt } from './shapes.js'
import { factsOf, placeOf, text } from './told.js'

/** One error of a cause chain. */
export interface Link {
  type: string
  message: string
  traceback: string
}

/** An exception or a failed attempt of a job, every text made safe to read. */
export interface Fault extends Link {
  id: string
  /** Milliseconds since the epoch. */
  at: number
  /** `POST /checkout/:cart/pay`, or `email.receipt in mail` for a job; null when unknown. */
  place: string | null
  job: boolean
  release: string | null
  user: string | null
  causes: Link[]
  /** All else that was sent, with its label, in reading order. */
  facts: [label: string, value: string][]
}

type Properties = StoredEvent['properties']

/** What begins a cause's part of a traceback. */
const CAUSED_BY = '\nCaused by: '
function link(source: Properties): Link {
  return {
    type: brief(text(source.exception_type) ?? 'Error', 300),
    message: text(source.exception_message) ?? '',
    traceback: text(source.traceback) ?? '',
  }
}

function readCauses(causes: unknown): Link[] {
  if (!Array.isArray(causes)) return []
  return causes
    .filter((cause: unknown): cause is Properties => typeof cause === 'object' && cause !== null)
    .map(link)
}

/** Reads an `exception` or `task_failed` event as it was sent; nothing in it is trusted to be there. */
export function readFault(event: StoredEvent): Fault {
  const properties = event.properties
  const causes = readCauses(properties.causes)
  const own = link(properties)
  return {
    ...own,
    // Where the causes were sent as well, their part of the text would say everything twice.
    traceback: causes.length > 0 ? (own.traceback.split(CAUSED_BY, 1)[0] ?? '') : own.traceback,
    id: String(event.event_id),
    at: Date.parse(event.timestamp) || 0,
    place: placeOf(properties),
    job: event.event === 'task_failed',
    release: text(properties.release),
    user: text(properties.user_id),
    causes,
    facts: factsOf(event),
  }
}

/** Reads a failed attempt of a job's answer. */
export function readAttempt(attempt: Attempt): Fault {
  const { event_id, timestamp, exception_type, exception_message, traceback, causes } = attempt
  const properties = { exception_type, exception_message, traceback, causes } as Properties
  return readFault({ site_id: '', event: 'task_failed', event_id, timestamp, properties })
}
