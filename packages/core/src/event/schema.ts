/**
 * The events on the wire, letter for letter as the origin names them.
 *
 * The origin's properties are always there and `null` when unknown; everything
 * marked optional here is left out when unknown.
 */

/** The events whose properties this schema fixes. Any other name is a custom event. */
export const EVENT_NAMES = [
  'pageview',
  'api_request',
  'exception',
  'task_completed',
  'task_failed',
  'client_report',
] as const

export type EventName = (typeof EVENT_NAMES)[number]

/** How a request ended. `client_abort` has a `null` status if no header had left. */
export type Outcome = 'ok' | 'client_abort' | 'stream_error'

/** Which way an exception was seen. */
export type Mechanism = 'request' | 'job' | 'manual' | 'uncaught' | 'unhandled_rejection'

/** Why a failed attempt is told as it is; `error` where a retry follows. */
export type TaskFailureReason =
  | 'error'
  | 'exhausted'
  | 'unrecoverable'
  | 'backoff_stop'
  | 'stalled'
  | 'child_failed'

/** What every event carries where it is known. */
export interface CommonProperties {
  release?: string
  environment?: string
  service?: string
  host?: string
  /** Adapter and version: `fastify/0.1.0`. */
  sdk?: string
}

/** One link of an error's cause chain, or one member of an AggregateError. */
export interface Cause {
  exception_type: string
  exception_message: string
  traceback: string
}

/** What the two request events have in common. */
export interface RequestProperties extends CommonProperties {
  /** As received, without the query string. */
  path: string
  method: string
  /** `null` when the client left before a header had. */
  status_code: number | null
  /** Milliseconds to the end of the response, streams included; 2 decimals. */
  duration_ms: number
  user_id?: string | null
  /** The full pattern with mount prefixes; absent without a match. */
  route?: string
  outcome: Outcome
  request_id: string
  /** From the `traceparent` header. */
  trace_id?: string
  /** Cookieless, new every day; absent under DNT or GPC. */
  visitor_id?: string
  /** A person opened a page. */
  navigation?: boolean
  /** Of an opening: two capital letters of ISO 3166-1, as a proxy before the application told it. */
  country?: string
  utm_source?: string
  utm_medium?: string
  utm_campaign?: string
  utm_term?: string
  utm_content?: string
  /** How many requests this one stands for where `sampleRate` is below 1. */
  weight?: number
}

export interface PageviewProperties extends RequestProperties {
  user_id: string | null
  /** Without query and fragment. */
  referrer: string | null
  user_agent: string | null
}

export interface ApiRequestProperties extends RequestProperties {
  /** The route without its parameters, or the name the route gave itself. */
  viewset: string | null
  /** `list`, `retrieve`, `create`, `update`, `partial_update`, `destroy`, or the route's own. */
  action: string | null
  /** Redacted; a name that occurs more than once has an array. */
  query_params: Record<string, string | string[]>
}

export interface ExceptionProperties extends CommonProperties {
  path: string | null
  method: string | null
  exception_type: string
  exception_message: string
  traceback: string
  duration_ms: number | null
  route?: string
  status_code?: number
  user_id?: string
  visitor_id?: string
  request_id?: string
  trace_id?: string
  mechanism: Mechanism
  /** `false` where the process dies of it. */
  handled: boolean
  /** The answer's 4xx status came from an HTTP client's own error. */
  borrowed_status?: true
  causes?: Cause[]
  code?: string
  syscall?: string
  /** The debug ids of the application's own files in the traceback, by path, where a build wrote such. */
  debug_ids?: Record<string, string>
  /** Of one reported in a job: the release that enqueued it. */
  enqueued_release?: string
  /** How many equal exceptions were counted and not sent since the one before. */
  repeated?: number
}

export interface TaskProperties extends CommonProperties {
  /** The job's name; `null` where a job is gone and only its failure is known. */
  task_name: string | null
  task_id: string | null
  duration_ms: number | null
  queue?: string
  /** From 1. */
  attempt?: number
  max_attempts?: number
  /** First attempt only. */
  wait_ms?: number
  request_id?: string
  trace_id?: string
  user_id?: string
  visitor_id?: string
  enqueued_release?: string
}

export interface TaskCompletedProperties extends TaskProperties {
  state: 'completed'
}

export interface TaskFailedProperties extends TaskProperties {
  exception_type: string
  exception_message: string
  traceback?: string
  causes?: Cause[]
  code?: string
  syscall?: string
  /** As an exception's. */
  debug_ids?: Record<string, string>
  /** No retry follows. */
  final: boolean
  reason: TaskFailureReason
}

/** What a client lost since its last report. */
export interface ClientReportProperties extends CommonProperties {
  dropped: Record<string, number>
  /** ISO 8601. */
  since: string
  until: string
}

/** Custom properties lie flat beside the schema's own. */
export type EventProperties = Record<string, unknown>

/** One event as it goes over the wire and as the collector stores it. */
export interface AnalyticsEvent {
  site_id: string
  /** One of {@link EVENT_NAMES}, or a custom name. */
  event: string
  /** UUID version 7, made at capture; it survives every retry. */
  event_id: string
  /** ISO 8601 in UTC with milliseconds: when what it tells of began. */
  timestamp: string
  properties: EventProperties
}
