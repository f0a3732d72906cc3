import type { JSX } from 'preact'
import type { StoredEvent } from '../data/answers.js'
import { customFactsOf, placeOf, text } from '../data/told.js'
import type { Subject } from '../data/view.js'
import { brief } from '../text/hostile.js'
import { formatCount } from '../text/numbers.js'
import { formatClock, formatMoment } from '../text/time.js'
import { Open } from './link.js'

interface StepsProps {
  /** As sent; shown in the order that they are given in. */
  events: readonly StoredEvent[]
  /** The request whose own steps stand out. */
  request?: string
  label: string
}

const WORDS: Readonly<Record<string, string>> = {
  pageview: 'Page',
  api_request: 'Call',
  exception: 'Error',
  task_completed: 'Job done',
  task_failed: 'Job failed',
}

/** What somebody did, or what happened to them, a line a step. */
export function Steps({ events, request, label }: StepsProps): JSX.Element {
  return (
    <ol class="steps" aria-label={label}>
      {events.map(event => (
        <Step key={event.event_id} event={event} current={event.properties.request_id === request} />
      ))}
    </ol>
  )
}

function Step({ event, current }: { event: StoredEvent; current: boolean }): JSX.Element {
  const { properties } = event
  const at = Date.parse(event.timestamp)
  const status = properties.status_code
  const failed = event.event === 'exception' || event.event === 'task_failed' || Number(status) >= 500
  const subject = subjectOf(event)
  const what = (
    <bdi class={event.event === 'exception' ? undefined : 'code'}>{brief(describe(event), 200)}</bdi>
  )
  return (
    <li class={`step ${failed ? 'step-failed' : ''} ${current ? 'step-current' : ''}`}>
      <time dateTime={event.timestamp} title={formatMoment(at)}>
        {formatClock(at, 1)}
      </time>
      <span class="step-kind">{WORDS[event.event] ?? 'Event'}</span>
      <span class="step-what">
        {subject && !current ? <Open subject={subject}>{what}</Open> : what}
        {current && <small> this request</small>}
      </span>
      <span class="step-end">
        {typeof status === 'number' && event.event !== 'exception' && `${status} `}
        {typeof properties.duration_ms === 'number' && (
          <small>{formatCount(properties.duration_ms)} ms</small>
        )}
      </span>
    </li>
  )
}

function subjectOf({ event, properties }: StoredEvent): Subject | null {
  const { request_id, task_id, queue } = properties
  if (event.startsWith('task_') && typeof task_id === 'string' && task_id)
    return { kind: 'job', id: typeof queue === 'string' && queue ? `${queue}/${task_id}` : task_id }
  return typeof request_id === 'string' && request_id ? { kind: 'request', id: request_id } : null
}

function describe(event: StoredEvent): string {
  const { properties } = event
  if (event.event === 'exception')
    return [text(properties.exception_type) ?? 'Error', text(properties.exception_message)]
      .filter(Boolean)
      .join(': ')
  const place = placeOf(properties)
  if (event.event in WORDS) return place ?? event.event
  const told = customFactsOf(event).slice(0, 3)
  return [text(event.event), ...told.map(([label, value]) => `${label} ${value}`)].join(' · ')
}
