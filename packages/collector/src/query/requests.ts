import type { AnalyticsEvent } from '@justanalytics/core/event'
import { GROUP_OF } from '../grouping/state.js'
import type { Store } from '../store/store.js'
import { type Completeness, completeness } from './completeness.js'
import { afterCursor, formatCursor, type Place } from './cursor.js'
import { FAILED } from './failure.js'
import { readFilters } from './filters.js'
import { expected, inWindow, readLimit, readWindow, type Search } from './parameters.js'
import { IS_REQUEST } from './stored.js'

/** `null` where unknown. */
export interface ListedRequest {
  /** Under which `/api/v1/requests/:id` tells more. */
  id: string | null
  event_id: string
  /** `pageview` or `api_request`. */
  event: string
  /** When it began, ISO 8601. */
  timestamp: string
  method: string | null
  path: string | null
  route: string | null
  status_code: number | null
  outcome: string | null
  /** It ended in 5xx, a broken stream or an exception. */
  failed: boolean
  duration_ms: number | null
  user_id: string | null
  visitor_id: string | null
  release: string | null
  environment: string | null
  service: string | null
  site: string
  trace_id: string | null
  /** The newest of its exceptions. */
  exception: RequestException | null
}

export interface RequestException {
  group: string | null
  title: string
  exception_type: string
  exception_message: string
}

export interface RequestList extends Completeness {
  items: ListedRequest[]
  /** Where the list goes on, to be given as `cursor`; absent at its end. */
  next?: string
}

interface Found extends Place {
  site: string
  request_id: string
  failed: number
  raw: string
}

/** Which requests were there, the newest first? With `failed=true`, those alone that failed. */
export async function requests(store: Store, search: Search, now: number): Promise<RequestList> {
  const limit = readLimit(search)
  const window = readWindow(search, now)
  const within = inWindow(window)
  const filters = readFilters(search, 'request', window)
  const after = afterCursor(search, '(timestamp, event_id)')
  const conditions = [IS_REQUEST, within.sql, filters.sql]
  if (readFailed(search)) conditions.push(FAILED)
  if (after) conditions.push(after.sql)
  const [found, certainty] = await Promise.all([
    store.query<Found>(
      `SELECT toString(timestamp) AS at, event_id AS id, site, request_id, ${FAILED} AS failed, raw
       FROM events WHERE ${conditions.join(' AND ')}
       ORDER BY timestamp DESC, event_id DESC LIMIT ${limit + 1}`,
      { ...within.parameters, ...filters.parameters, ...after?.parameters },
    ),
    completeness(store, search, window, now),
  ])
  const shown = found.slice(0, limit)
  const exceptions = await readExceptions(store, shown)
  const last = shown.at(-1)
  return {
    items: shown.map(one => describe(one, exceptions.get(placeOf(one)) ?? null)),
    ...(found.length > limit && last ? { next: formatCursor(last) } : {}),
    ...certainty,
  }
}

function readFailed(search: Search): boolean {
  const failed = search('failed')
  if (failed !== undefined && failed !== 'true' && failed !== 'false')
    throw expected('failed', 'true or false', failed)
  return failed === 'true'
}

const placeOf = ({ site, request_id }: { site: string; request_id: string }) => `${site}\n${request_id}`

async function readExceptions(
  store: Store,
  requests: readonly Found[],
): Promise<Map<string, RequestException>> {
  const ids = requests.map(({ request_id }) => request_id).filter(id => id !== '')
  if (ids.length === 0) return new Map()
  const rows = await store.query<RequestException & { site: string; request_id: string }>(
    `SELECT site, request_id, argMax(${GROUP_OF}, timestamp) AS group, argMax(title, timestamp) AS title,
       argMax(exception_type, timestamp) AS exception_type,
       argMax(exception_message, timestamp) AS exception_message
     FROM events WHERE event = 'exception' AND task_id = '' AND request_id IN {ids:Array(String)}
     GROUP BY site, request_id`,
    { ids },
  )
  return new Map(
    rows.map(({ site, request_id, group, title, exception_type, exception_message }) => [
      placeOf({ site, request_id }),
      { group: group || null, title: title || exception_type, exception_type, exception_message },
    ]),
  )
}

/** The properties were checked when they came in: each is of its kind, `null` or not there. */
type Told = { [Name in keyof ListedRequest]?: ListedRequest[Name] } & { request_id?: string | null }

function describe({ failed, raw }: Found, exception: RequestException | null): ListedRequest {
  const { event_id, event, timestamp, site_id, properties } = JSON.parse(raw) as AnalyticsEvent
  const told = properties as Told
  return {
    id: told.request_id ?? null,
    event_id,
    event,
    timestamp,
    method: told.method ?? null,
    path: told.path ?? null,
    route: told.route ?? null,
    status_code: told.status_code ?? null,
    outcome: told.outcome ?? null,
    failed: failed === 1,
    duration_ms: told.duration_ms ?? null,
    user_id: told.user_id ?? null,
    visitor_id: told.visitor_id ?? null,
    release: told.release ?? null,
    environment: told.environment ?? null,
    service: told.service ?? null,
    site: site_id,
    trace_id: told.trace_id ?? null,
    exception,
  }
}
