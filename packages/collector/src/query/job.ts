import type { AnalyticsEvent } from '@justanalytics/core/event'
import type { Store } from '../store/store.js'
import { gatherJobs, IS_ATTEMPT, type Job } from './attempts.js'
import { type Completeness, completeness } from './completeness.js'
import { readPlace } from './filters.js'
import type { Search } from './parameters.js'
import { type EventFrames, IS_REQUEST, readNewest, sinceFirst, unknown } from './stored.js'

export interface CausedJob extends Job {
  /** What it was enqueued in, as it was sent; `null` where that is not stored. */
  request: AnalyticsEvent | null
}

/** The newest job of an id. */
export interface JobAnswer extends CausedJob, Completeness {
  /** The id is not one job's alone: `queue`, `site` and `env` may tell them apart. */
  ambiguous: boolean
  /** The other jobs of this id, the newest first. */
  others: CausedJob[]
  /** The stacks of failed attempts, told apart by `event_id`. */
  frames: EventFrames[]
  /** There are more attempts than one answer holds: the oldest are left out. */
  truncated: boolean
}

/** What became of one job, attempt by attempt, and what caused it? */
export async function job(store: Store, id: string, search: Search, now: number): Promise<JobAnswer> {
  const place = readPlace(search)
  const queue = search('queue') ?? ''
  const { events, frames, truncated } = await readNewest(store, {
    sql: `${IS_ATTEMPT} AND task_id = {id:String} AND ({queue:String} = '' OR queue = {queue:String}) AND ${place.sql}`,
    parameters: { id, queue, ...place.parameters },
  })
  const [newest, ...others] = gatherJobs(events)
  if (!newest) throw unknown('job', id)
  const requests = await readRequests(store, events)
  const caused = (job: Job): CausedJob => ({
    ...job,
    request: requests.find(request => isOf(job, request)) ?? null,
  })
  return {
    ...caused(newest),
    ambiguous: others.length > 0,
    others: others.map(caused),
    frames,
    truncated,
    ...(await completeness(store, search, sinceFirst(events, now), now)),
  }
}

async function readRequests(store: Store, attempts: readonly AnalyticsEvent[]): Promise<AnalyticsEvent[]> {
  const named = attempts.map(({ properties }) => properties.request_id)
  const ids = [...new Set(named.filter(id => typeof id === 'string'))]
  if (ids.length === 0) return []
  const { events } = await readNewest(store, {
    sql: `${IS_REQUEST} AND request_id IN {ids:Array(String)}`,
    parameters: { ids },
  })
  return events
}

function isOf({ site, request_id }: Job, { site_id, properties }: AnalyticsEvent): boolean {
  return request_id !== null && site_id === site && properties.request_id === request_id
}
