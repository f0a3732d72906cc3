import { brief, reveal } from '../text/hostile.js'
import type { StoredEvent } from './answers.js'

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

/** Which properties are shown as facts and how they are called. What is not listed follows under its own name. */
const LABELS: readonly [property: string, label: string][] = [
  ['status_code', 'Status'],
  ['path', 'Path'],
  ['task_id', 'Job id'],
  ['attempt', 'Attempt'],
  ['max_attempts', 'Attempts allowed'],
  ['reason', 'Reason'],
  ['wait_ms', 'Waited, ms'],
  ['duration_ms', 'Duration, ms'],
  ['code', 'Code'],
  ['syscall', 'System call'],
  ['release', 'Release'],
  ['enqueued_release', 'Enqueued by release'],
  ['environment', 'Environment'],
  ['service', 'Service'],
  ['host', 'Host'],
  ['user_id', 'User'],
  ['visitor_id', 'Visitor'],
  ['request_id', 'Request id'],
  ['trace_id', 'Trace id'],
  ['mechanism', 'Seen by'],
  ['sdk', 'SDK'],
]
/** What begins a cause's part of a traceback. */
const CAUSED_BY = '\nCaused by: '
const ELSEWHERE = new Set([
  'exception_type',
  'exception_message',
  'traceback',
  'causes',
  'method',
  'route',
  'task_name',
  'queue',
  'final',
  'handled',
])

function text(value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null
  return reveal(typeof value === 'object' ? JSON.stringify(value) : String(value))
}

function link(source: Properties): Link {
  return {
    type: brief(text(source.exception_type) ?? 'Error', 300),
    message: text(source.exception_message) ?? '',
    traceback: text(source.traceback) ?? '',
  }
}

function placeOf(properties: Properties): string | null {
  const task = text(properties.task_name)
  const queue = text(properties.queue)
  if (task) return queue ? `${task} in ${queue}` : task
  const address = text(properties.route) ?? text(properties.path)
  return address && [text(properties.method), address].filter(Boolean).join(' ')
}

function factsOf(event: StoredEvent): Fault['facts'] {
  const properties = event.properties
  const facts: Fault['facts'] = []
  const add = (label: string, value: unknown) => {
    const shown = text(value)
    if (shown !== null) facts.push([label, shown])
  }
  for (const [property, label] of LABELS) add(label, properties[property])
  if (properties.handled === false) add('Outcome', 'the process ended with it')
  if (event.event === 'task_failed') add('Outcome', properties.final ? 'failed for good' : 'tried again')
  add('Site', event.site_id)
  add('Event id', event.event_id)
  const listed = new Set(LABELS.map(([property]) => property))
  for (const [name, value] of Object.entries(properties))
    if (!listed.has(name) && !ELSEWHERE.has(name)) add(reveal(name), value)
  return facts
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
