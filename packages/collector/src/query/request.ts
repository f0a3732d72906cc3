import type { AnalyticsEvent } from '@justanalytics/core/event'
import type { Store } from '../store/store.js'
import { gatherJobs, IS_ATTEMPT, type Job } from './attempts.js'
import { type Completeness, completeness } from './completeness.js'
import { readPlace } from './filters.js'
import type { Search } from './parameters.js'
import { type EventFrames, IS_REQUEST, readNewest, sinceFirst, unknown } from './stored.js'

/** Events are as they were sent, the oldest first. */
export interface RequestAnswer extends Completeness {
  /** `null` where it was not stored, as for one that a sample left out. */
  request: AnalyticsEvent | null
  /** Those reported in its jobs among them; these bear a `task_id`. */
  exceptions: AnalyticsEvent[]
  /** Custom ones. */
  events: AnalyticsEvent[]
  /** What it enqueued, and what that enqueued in turn, the newest first. */
  jobs: Job[]
  /** The stacks of its exceptions and of its jobs' failed attempts, told apart by `event_id`. */
  frames: EventFrames[]
  /** There is more than one answer holds: the oldest attempts are left out. */
  truncated: boolean
}

/** Another site may say the same id; a request is that of the site that said it first. */
function ofFirstSite(where: string): string {
  const first = `SELECT site FROM events WHERE ${where} ORDER BY ${IS_REQUEST} DESC, received_at LIMIT 1`
  return `${where} AND site IN (${first})`
}

/** What happened in one request, and because of it? */
export async function request(store: Store, id: string, search: Search, now: number): Promise<RequestAnswer> {
  const place = readPlace(search)
  const named = `request_id = {id:String} AND ${place.sql}`
  const { events, frames, truncated } = await readNewest(
    store,
    { sql: ofFirstSite(named), parameters: { id, ...place.parameters } },
    `multiIf(${IS_REQUEST}, 0, ${IS_ATTEMPT}, 2, 1)`,
  )
  if (events.length === 0) throw unknown('request', id)
  const found = sort(events)
  return {
    request: found.request[0] ?? null,
    exceptions: found.exception,
    events: found.custom,
    jobs: gatherJobs(found.attempt),
    frames,
    truncated,
    ...(await completeness(store, search, sinceFirst(events, now), now)),
  }
}

type Kind = 'request' | 'exception' | 'attempt' | 'custom'

const KINDS: ReadonlyMap<string, Kind> = new Map([
  ['pageview', 'request'],
  ['api_request', 'request'],
  ['exception', 'exception'],
  ['task_completed', 'attempt'],
  ['task_failed', 'attempt'],
])

function sort(newestFirst: readonly AnalyticsEvent[]): Record<Kind, AnalyticsEvent[]> {
  const sorted: Record<Kind, AnalyticsEvent[]> = { request: [], exception: [], attempt: [], custom: [] }
  for (const event of newestFirst.toReversed()) sorted[KINDS.get(event.event) ?? 'custom'].push(event)
  return sorted
}
