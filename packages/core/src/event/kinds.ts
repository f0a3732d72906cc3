import { LIMITS } from './limits.js'
import type {
  ApiRequestProperties,
  ClientReportProperties,
  CommonProperties,
  EventName,
  ExceptionProperties,
  PageviewProperties,
  RequestProperties,
  TaskCompletedProperties,
  TaskFailedProperties,
  TaskProperties,
} from './schema.js'

/** What a property of the schema holds; each may also be `null`. */
export type Kind = 'string' | 'integer' | 'number' | 'boolean' | 'params' | 'causes' | 'counts'

type Kinds<T> = Record<keyof T, Kind>

const common: Kinds<CommonProperties> = {
  release: 'string',
  environment: 'string',
  service: 'string',
  host: 'string',
  sdk: 'string',
}

const request: Kinds<RequestProperties> = {
  ...common,
  path: 'string',
  method: 'string',
  status_code: 'integer',
  duration_ms: 'number',
  user_id: 'string',
  route: 'string',
  outcome: 'string',
  request_id: 'string',
  trace_id: 'string',
  visitor_id: 'string',
  navigation: 'boolean',
  country: 'string',
  utm_source: 'string',
  utm_medium: 'string',
  utm_campaign: 'string',
  utm_term: 'string',
  utm_content: 'string',
  weight: 'number',
}

const pageview: Kinds<PageviewProperties> = { ...request, referrer: 'string', user_agent: 'string' }

const apiRequest: Kinds<ApiRequestProperties> = {
  ...request,
  viewset: 'string',
  action: 'string',
  query_params: 'params',
}

const exception: Kinds<ExceptionProperties> = {
  ...common,
  path: 'string',
  method: 'string',
  exception_type: 'string',
  exception_message: 'string',
  traceback: 'string',
  duration_ms: 'number',
  route: 'string',
  status_code: 'integer',
  user_id: 'string',
  visitor_id: 'string',
  request_id: 'string',
  trace_id: 'string',
  mechanism: 'string',
  handled: 'boolean',
  borrowed_status: 'boolean',
  causes: 'causes',
  code: 'string',
  syscall: 'string',
  debug_ids: 'params',
  enqueued_release: 'string',
  repeated: 'integer',
}

const task: Kinds<TaskProperties> = {
  ...common,
  task_name: 'string',
  task_id: 'string',
  duration_ms: 'number',
  queue: 'string',
  attempt: 'integer',
  max_attempts: 'integer',
  wait_ms: 'number',
  request_id: 'string',
  trace_id: 'string',
  user_id: 'string',
  visitor_id: 'string',
  enqueued_release: 'string',
}

const taskCompleted: Kinds<TaskCompletedProperties> = { ...task, state: 'string' }

const taskFailed: Kinds<TaskFailedProperties> = {
  ...task,
  exception_type: 'string',
  exception_message: 'string',
  traceback: 'string',
  causes: 'causes',
  code: 'string',
  syscall: 'string',
  debug_ids: 'params',
  final: 'boolean',
  reason: 'string',
}

const clientReport: Kinds<ClientReportProperties> = {
  ...common,
  dropped: 'counts',
  since: 'string',
  until: 'string',
}

const byEvent = new Map<string, ReadonlyMap<string, Kind>>(
  Object.entries({
    pageview,
    api_request: apiRequest,
    exception,
    task_completed: taskCompleted,
    task_failed: taskFailed,
    client_report: clientReport,
  } satisfies Record<EventName, object>).map(([name, kinds]) => [name, new Map(Object.entries(kinds))]),
)

const custom: ReadonlyMap<string, Kind> = new Map(Object.entries(common))

/** The properties that the schema fixes for an event, common ones included. */
export function kindsOf(event: string): ReadonlyMap<string, Kind> {
  return byEvent.get(event) ?? custom
}

const limits = new Map<string, number>(
  (['user_agent', 'exception_message', 'traceback', 'path', 'referrer'] as const).map(name => [
    name,
    LIMITS[name],
  ]),
)

/** How many code points a property of the schema may have. */
export function limitOf(name: string): number {
  return limits.get(name) ?? LIMITS.string
}
