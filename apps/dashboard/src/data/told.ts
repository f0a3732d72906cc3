import { reveal } from '../text/hostile.js'
import type { StoredEvent } from './answers.js'

type Properties = StoredEvent['properties']

/** Which properties are shown as facts and how they are called. What is not listed follows under its own name. */
const LABELS: readonly [property: string, label: string][] = [
  ['status_code', 'Status'],
  ['path', 'Path'],
  ['viewset', 'Viewset'],
  ['action', 'Action'],
  ['task_id', 'Job id'],
  ['attempt', 'Attempt'],
  ['max_attempts', 'Attempts allowed'],
  ['reason', 'Reason'],
  ['wait_ms', 'Waited, ms'],
  ['duration_ms', 'Duration, ms'],
  ['outcome', 'Ended'],
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
  ['referrer', 'Referrer'],
  ['user_agent', 'User agent'],
  ['mechanism', 'Seen by'],
  ['sdk', 'SDK'],
]
const LABELLED: ReadonlySet<string> = new Set(LABELS.map(([property]) => property))

/** Told by titles and stacks, or of no use to a reader. */
const ELSEWHERE: ReadonlySet<string> = new Set([
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
  'navigation',
])

/** A property as text that is safe to read; null where there is none. */
export function text(value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null
  return reveal(typeof value === 'object' ? JSON.stringify(value) : String(value))
}

/** `POST /checkout/:cart/pay`, or `email.receipt in mail` for a job; null when unknown. */
export function placeOf(properties: Properties): string | null {
  const task = text(properties.task_name)
  const queue = text(properties.queue)
  if (task) return queue ? `${task} in ${queue}` : task
  const address = text(properties.route) ?? text(properties.path)
  return address && [text(properties.method), address].filter(Boolean).join(' ')
}

/** All else that an event told, with its label, in reading order. */
export function factsOf(event: StoredEvent): [label: string, value: string][] {
  const properties = event.properties
  const facts: [string, string][] = []
  const add = (label: string, value: unknown) => {
    const shown = text(value)
    if (shown !== null && shown !== '{}') facts.push([label, shown])
  }
  for (const [property, label] of LABELS) add(label, properties[property])
  if (properties.handled === false) add('Outcome', 'the process ended with it')
  if (event.event === 'task_failed') add('Outcome', properties.final ? 'failed for good' : 'tried again')
  add('Site', event.site_id)
  add('Event id', event.event_id)
  return [...facts, ...customFactsOf(event)]
}

/** What the application told on its own account. */
export function customFactsOf({ properties }: StoredEvent): [label: string, value: string][] {
  return Object.entries(properties).flatMap(([name, value]): [string, string][] => {
    const shown = LABELLED.has(name) || ELSEWHERE.has(name) ? null : text(value)
    return shown === null || shown === '{}' ? [] : [[reveal(name), shown]]
  })
}
