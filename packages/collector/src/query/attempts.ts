import type { AnalyticsEvent, Cause, TaskFailedProperties } from '@justanalytics/core/event'

export const ATTEMPTS: readonly string[] = ['task_completed', 'task_failed']

export const IS_ATTEMPT = "event IN ('task_completed', 'task_failed')"

/**
 * What makes attempts one job. A queue that was emptied gives its ids anew: name and request tell such jobs
 * apart. A job that is known by no id is its one event.
 */
export const JOB_KEY =
  "cityHash64(site, environment, queue, task_name, task_id, request_id, if(task_id = '', event_id, ''))"

function keyOf({ site_id, event_id, properties: p }: AnalyticsEvent): string {
  const { environment, queue, task_name, task_id, request_id } = p
  const known = [site_id, environment, queue, task_name, task_id, request_id].map(part => part || '')
  return JSON.stringify([...known, task_id ? '' : event_id])
}

/** One attempt is later than another: by its moment, and within that by its number, which is below 2 ** 20. */
export const ORDER = 'toUnixTimestamp64Milli(timestamp) * 1048576 + attempt'

/** `retrying`: its last attempt failed, and another one follows. */
export type JobState = 'completed' | 'failed' | 'retrying'

export const JOB_STATES: readonly JobState[] = ['completed', 'failed', 'retrying']

export const STATE = "multiIf(event = 'task_completed', 'completed', final, 'failed', 'retrying')"

function stateOf({ event, properties }: AnalyticsEvent): JobState {
  if (event === 'task_completed') return 'completed'
  // A client that does not know of attempts reports a failure once, when it is final.
  return properties.final === false ? 'retrying' : 'failed'
}

/** What is said of a job as a whole; `null` where unknown. */
export interface JobFacts {
  id: string | null
  task_name: string | null
  queue: string | null
  state: JobState
  /** It failed, and no retry follows. */
  final: boolean
  max_attempts: number | null
  /** When its first and its last attempt began, ISO 8601. */
  first_seen: string
  last_seen: string
  /** Milliseconds before its first attempt. */
  wait_ms: number | null
  /** Milliseconds of its last attempt; so are reason, error and release. */
  duration_ms: number | null
  reason: string | null
  exception_type: string | null
  exception_message: string | null
  release: string | null
  /** Of the process that enqueued it. */
  enqueued_release: string | null
  /** The request that it was enqueued in, and whose that was. */
  request_id: string | null
  trace_id: string | null
  user_id: string | null
  visitor_id: string | null
  site: string
  environment: string | null
  service: string | null
}

/** Why an attempt failed; `null` where unknown, or where it did not. */
interface Failure {
  reason: string | null
  exception_type: string | null
  exception_message: string | null
  traceback: string | null
  causes: Cause[]
  code: string | null
  syscall: string | null
}

export interface Attempt extends Failure {
  event_id: string
  /** From 1. */
  attempt: number | null
  state: 'completed' | 'failed'
  /** When it began, ISO 8601. */
  timestamp: string
  duration_ms: number | null
  wait_ms: number | null
  /** It failed, and no retry follows. */
  final: boolean
  release: string | null
  host: string | null
}

export interface Job extends JobFacts {
  /** The oldest first. */
  attempts: Attempt[]
}

/** What the events of attempts tell of their jobs, the newest job first. */
export function gatherJobs(events: readonly AnalyticsEvent[]): Job[] {
  const jobs = new Map<string, [AnalyticsEvent, ...AnalyticsEvent[]]>()
  for (const event of events.toSorted(byAge)) {
    const key = keyOf(event)
    const attempts = jobs.get(key)
    if (attempts) attempts.push(event)
    else jobs.set(key, [event])
  }
  return [...jobs.values()]
    .sort((a, b) => byAge(b.at(-1) as AnalyticsEvent, a.at(-1) as AnalyticsEvent))
    .map(attempts => ({
      ...factsOf(attempts[0], attempts.at(-1) as AnalyticsEvent),
      attempts: attempts.map(attemptOf),
    }))
}

/** Two attempts of one moment are told apart by their number. */
function byAge(a: AnalyticsEvent, b: AnalyticsEvent): number {
  const attempt = ({ properties }: AnalyticsEvent) => Number(properties.attempt ?? 0)
  return (
    Date.parse(a.timestamp) - Date.parse(b.timestamp) ||
    attempt(a) - attempt(b) ||
    Number(a.event_id > b.event_id) - Number(a.event_id < b.event_id)
  )
}

/** The properties were checked when they came in: each is of its kind, `null` or not there. */
type Told = { [Name in keyof TaskFailedProperties]?: TaskFailedProperties[Name] | null }

/** @param first the first attempt that is known */
export function factsOf(first: AnalyticsEvent, last: AnalyticsEvent): JobFacts {
  const told: Told = last.properties
  const { wait_ms }: Told = first.properties
  const state = stateOf(last)
  const { reason, exception_type, exception_message } = failureOf(last)
  return {
    id: told.task_id ?? null,
    task_name: told.task_name ?? null,
    queue: told.queue ?? null,
    state,
    final: state === 'failed',
    max_attempts: told.max_attempts ?? null,
    first_seen: first.timestamp,
    last_seen: last.timestamp,
    wait_ms: wait_ms ?? null,
    duration_ms: told.duration_ms ?? null,
    reason,
    exception_type,
    exception_message,
    release: told.release ?? null,
    enqueued_release: told.enqueued_release ?? null,
    request_id: told.request_id ?? null,
    trace_id: told.trace_id ?? null,
    user_id: told.user_id ?? null,
    visitor_id: told.visitor_id ?? null,
    site: last.site_id,
    environment: told.environment ?? null,
    service: told.service ?? null,
  }
}

function attemptOf(event: AnalyticsEvent): Attempt {
  const told: Told = event.properties
  const state = stateOf(event)
  return {
    event_id: event.event_id,
    attempt: told.attempt ?? null,
    state: state === 'completed' ? 'completed' : 'failed',
    timestamp: event.timestamp,
    duration_ms: told.duration_ms ?? null,
    wait_ms: told.wait_ms ?? null,
    final: state === 'failed',
    ...failureOf(event),
    release: told.release ?? null,
    host: told.host ?? null,
  }
}

/** On a success the same names are the application's own, and may hold anything. */
function failureOf({ event, properties }: AnalyticsEvent): Failure {
  const told: Told = event === 'task_failed' ? properties : {}
  return {
    reason: told.reason ?? null,
    exception_type: told.exception_type ?? null,
    exception_message: told.exception_message ?? null,
    traceback: told.traceback ?? null,
    causes: told.causes ?? [],
    code: told.code ?? null,
    syscall: told.syscall ?? null,
  }
}
