import type { AnalyticsEvent } from '@justanalytics/core/event'
import { moment } from '../store/schema.js'
import type { Store } from '../store/store.js'
import {
  factsOf,
  IS_ATTEMPT,
  JOB_KEY,
  JOB_STATES,
  type JobFacts,
  type JobState,
  ORDER,
  STATE,
} from './attempts.js'
import { type Completeness, completeness } from './completeness.js'
import { afterCursor, formatCursor, type Place } from './cursor.js'
import {
  type Condition,
  expected,
  type FilterName,
  inWindow,
  readFilters,
  readLimit,
  readWindow,
  type Search,
  type Window,
} from './parameters.js'
import { IS_REQUEST } from './stored.js'

export interface ListedJob extends JobFacts {
  /** How many there were so far. */
  attempts: number
}

export interface JobList extends Completeness {
  items: ListedJob[]
  /** Where the list goes on, to be given as `cursor`; absent at its end. */
  next?: string
}

/** How long before its window the request of a job is looked for, milliseconds. */
const LONGEST_WAIT = 86_400_000

/** Which jobs made an attempt in this window, the one with the newest attempt first? */
export async function jobs(store: Store, search: Search, now: number): Promise<JobList> {
  const limit = readLimit(search)
  const window = readWindow(search, now)
  const within = inWindow(window)
  const place = readFilters(search, ['site', 'env'])
  const attempts = {
    sql: `${IS_ATTEMPT} AND ${within.sql} AND ${place.sql}`,
    parameters: { ...within.parameters, ...place.parameters },
  }
  const cause = readCause(search, window)
  const wanted = readWanted(search)
  const after = afterCursor(search, '(max(timestamp), id)')
  const [found, certainty] = await Promise.all([
    store.query<Place>(
      `SELECT toString(${JOB_KEY}) AS id, toString(max(timestamp)) AS at FROM events
       WHERE ${attempts.sql} AND ${cause.sql} GROUP BY ${JOB_KEY}
       HAVING ${wanted.sql}${after ? ` AND ${after.sql}` : ''}
       ORDER BY max(timestamp) DESC, id DESC LIMIT ${limit + 1}`,
      { ...attempts.parameters, ...cause.parameters, ...wanted.parameters, ...after?.parameters },
    ),
    completeness(store, search, window, now),
  ])
  const shown = found.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: await readJobs(store, shown, attempts),
    ...(found.length > limit && last ? { next: formatCursor(last) } : {}),
    ...certainty,
  }
}

/** The state that is asked for, if it is one of a job's and not a request's. */
function readState(search: Search): JobState | undefined {
  const status = search('status')
  const state = JOB_STATES.find(state => state === status)
  if (status !== undefined && !state && !/^\d/.test(status))
    throw expected('status', `${JOB_STATES.join(', ')}, a status (503) or a class of them (5xx)`, status)
  return state
}

/** A job has the flow and the status of the request that enqueued it. */
function readCause(search: Search, { from, to }: Window): Condition {
  const names: FilterName[] = readState(search) ? ['flow'] : ['flow', 'status']
  if (names.every(name => search(name) === undefined)) return { sql: '1', parameters: {} }
  const filters = readFilters(search, names)
  return {
    sql: `(site, request_id) IN (
      SELECT site, request_id FROM events WHERE ${IS_REQUEST} AND request_id != '' AND ${filters.sql}
        AND timestamp >= {cause_from:DateTime64(3, 'UTC')} AND timestamp < {to:DateTime64(3, 'UTC')})`,
    parameters: {
      ...filters.parameters,
      cause_from: moment(Math.max(0, from - LONGEST_WAIT)),
      to: moment(to),
    },
  }
}

/** A job is wanted for any of its attempts, and shown with all of them. */
function readWanted(search: Search): Condition {
  const state = readState(search)
  const filters = readFilters(search, ['release', 'user', 'job', 'q'])
  const matched = `countIf(${filters.sql}) > 0`
  if (!state) return { sql: matched, parameters: filters.parameters }
  return {
    sql: `${matched} AND argMax(${STATE}, ${ORDER}) = {state:String}`,
    parameters: { ...filters.parameters, state },
  }
}

/** What was said of some jobs: events as they were sent are heavy, and read for those alone that are shown. */
async function readJobs(store: Store, places: readonly Place[], attempts: Condition): Promise<ListedJob[]> {
  const rows = await store.query<{ id: string; first: string; last: string; attempts: number }>(
    `SELECT toString(${JOB_KEY}) AS id, argMin(raw, ${ORDER}) AS first, argMax(raw, ${ORDER}) AS last,
       toUInt32(greatest(max(attempt), count())) AS attempts
     FROM events
     WHERE ${attempts.sql} AND ${JOB_KEY} IN (arrayMap(id -> toUInt64(id), {ids:Array(String)}))
     GROUP BY ${JOB_KEY}`,
    { ...attempts.parameters, ids: places.map(({ id }) => id) },
  )
  const jobs = new Map(
    rows.map(({ id, first, last, attempts }) => [
      id,
      { ...factsOf(JSON.parse(first) as AnalyticsEvent, JSON.parse(last) as AnalyticsEvent), attempts },
    ]),
  )
  return places.map(({ id }) => jobs.get(id)).filter(job => job !== undefined)
}
